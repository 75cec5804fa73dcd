/**
 * Runs one side of a comparison: a process that answers each line of JSON on its standard input with one on its output.
 * It works only on request.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';

export class Side {
  private readonly lines: Interface;
  private waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | null = null;
  private stderr = '';

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    this.lines.on('line', (line) => {
      // The engine's libraries print lines of their own.
      if (line.startsWith('{')) this.settle((waiting) => waiting.resolve(line));
    });
    child.stderr?.on('data', (text: Buffer) => (this.stderr = (this.stderr + text.toString()).slice(-4000)));
    child.on('error', (error) => this.settle((waiting) => waiting.reject(error)));
    child.on('exit', (code) =>
      this.settle((waiting) => waiting.reject(new Error(`${name} ended with ${code}: ${this.stderr}`))),
    );
  }

  static start(name: string, command: string, args: readonly string[], env: Record<string, string> = {}): Side {
    return new Side(name, spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } }));
  }

  /** @throws Error where the process ends, or answers `{error}` */
  async ask<T>(request: Record<string, unknown>): Promise<T> {
    const line = await new Promise<string>((resolve, reject) => {
      if (this.child.exitCode !== null) return reject(new Error(`${this.name} has ended: ${this.stderr}`));
      this.waiting = { resolve, reject };
      this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
    const answer = JSON.parse(line) as T & { error?: string };
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`);
    return answer;
  }

  /** Returns the process's peak memory in MiB. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    this.lines.close();
  }

  private settle(how: (waiting: NonNullable<Side['waiting']>) => void): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting) how(waiting);
  }
}
