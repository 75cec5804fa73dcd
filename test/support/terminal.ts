/** The built program on a real terminal (a pty, by Python's own module), typed into. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Null where there is no terminal to be had: then the tests that need one are skipped, and say so. */
export const python = ((): string | null => {
  const found = spawnSync('python3', ['-c', 'import fcntl, pty, termios'], { stdio: 'ignore' }).status === 0 ? 'python3' : null;
  if (!found) console.log('skipped: no python3 with its pty module');
  return found;
})();

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export interface Step {
  /** Printed since the step before. */
  after: string;
  send: string;
  /** Seconds before it is typed. */
  delay?: number;
}

export interface OnTerminal {
  code: number | null;
  output: string;
}

/** @param entry file of the program below the repository; its launcher, or the built command line */
export function onTerminal(
  args: readonly string[],
  { home, steps = [], entry = 'out/main/cli.js' }: { home: string; steps?: readonly Step[]; entry?: string },
): Promise<OnTerminal> {
  const child = spawn(python as string, [join(import.meta.dirname, 'terminal.py')], {
    env: { ...process.env, EFFICIENTTRAIN_HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify({ argv: [process.execPath, join(root, entry), ...args], columns: 100, timeout: 60, steps }));
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  return new Promise((resolve) => child.on('close', () => resolve(JSON.parse(answer) as OnTerminal)));
}
