/** Runs the built program on a real terminal (a pty, by Python's own module) and types into it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');

/** Null where there is no terminal: then the tests that need one are skipped, and say so. */
export const python = ((): string | null => {
  const found =
    spawnSync('python3', ['-c', 'import fcntl, pty, termios'], { stdio: 'ignore' }).status === 0 ? 'python3' : null;
  if (!found) console.log('skipped: no python3 with its pty module');
  return found;
})();

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export interface Step {
  /** Text to wait for in the output since the step before. */
  after: string;
  send: string;
  /** Seconds to wait before typing. */
  delay?: number;
  /** Is called before typing, while the program runs. */
  first?: () => void;
}

export interface OnTerminal {
  code: number | null;
  output: string;
}

/** @param entry file of the program below the repository; its launcher, or the built command line */
export async function onTerminal(
  args: readonly string[],
  { home, steps = [], entry = 'out/main/cli.js' }: { home: string; steps?: readonly Step[]; entry?: string },
): Promise<OnTerminal> {
  const child = spawn(python as string, [join(import.meta.dirname, 'terminal.py')], {
    env: { ...process.env, EFFICIENTTRAIN_HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gates = mkdtempSync(join(tmpdir(), 'efficienttrain-gates-'));
  const typed = steps.map(({ first, ...step }, index) =>
    first ? { ...step, gate: join(gates, String(index)) } : step,
  );
  child.stdin.end(
    JSON.stringify({ argv: [process.execPath, join(root, entry), ...args], columns: 100, timeout: 60, steps: typed }),
  );
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await Promise.all([closed, openGates()]);
  rmSync(gates, { recursive: true });
  return JSON.parse(answer) as OnTerminal;

  async function openGates(): Promise<void> {
    for (const [index, { first }] of steps.entries()) {
      if (!first) continue;
      while (!existsSync(join(gates, String(index)))) {
        if (child.exitCode !== null || child.signalCode !== null) return;
        await sleep(20);
      }
      first();
      rmSync(join(gates, String(index)));
    }
  }
}
