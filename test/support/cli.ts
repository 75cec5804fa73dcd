/** Runs the built program as a user does. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  home?: string;
  cwd?: string;
  /** Variables in addition to this process's own. */
  env?: Record<string, string>;
  /** Gets the output so far, and may send the process a signal. */
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export function efficienttrain(
  args: readonly string[],
  { home, cwd, env = {}, onOutput }: CliOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'out/main/cli.js'), ...args], {
    env: { ...process.env, EFFICIENTTRAIN_HOME: home ?? mkdtempSync(join(tmpdir(), 'efficienttrain-cli-')), ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const seen = (): void => onOutput?.(stdout + stderr, (signal) => child.kill(signal));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    seen();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    seen();
  });
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })));
}

export const errorOf = ({ stdout }: Ended): Record<'code' | 'what' | 'why' | 'next', string> =>
  (JSON.parse(stdout) as { error: Record<'code' | 'what' | 'why' | 'next', string> }).error;

export interface Cli {
  cli: (...args: string[]) => Promise<Ended>;
  /** Adds --json, and returns what is printed; throws where the command fails. */
  json: <T>(...args: string[]) => Promise<T>;
}

/** The program with one data folder. */
export function cliAt(home: string): Cli {
  const cli = (...args: string[]): Promise<Ended> => efficienttrain(args, { home });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { stdout, stderr, code } = await cli(...args, '--json');
    if (code !== 0) throw new Error(`${args.join(' ')}: ${code}\n${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return { cli, json };
}
