import { afterEach, describe, expect, it, vi } from 'vitest';
import { Output } from '../../src/main/cli/output';

/** Captures what is written. @param columns width of the terminal at stdout; null: stdout is no terminal */
function capture(columns: number | null): { out: () => string; err: () => string } {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  vi.spyOn(process.stdout, 'on').mockReturnValue(process.stdout);
  vi.spyOn(process.stderr, 'on').mockReturnValue(process.stderr);
  Object.defineProperty(process.stdout, 'isTTY', { value: columns !== null, configurable: true });
  Object.defineProperty(process.stdout, 'columns', { value: columns ?? undefined, configurable: true });
  return { out: () => written.stdout, err: () => written.stderr };
}

const before = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };
afterEach(() => {
  vi.restoreAllMocks();
  for (const [name, value] of Object.entries(before))
    Object.defineProperty(process.stdout, name, { value, configurable: true, writable: true });
});

describe('output', () => {
  it('on a terminal progress replaces itself, is cut to the width, and gives way to what follows', () => {
    const { out } = capture(20);
    const output = new Output(false);
    output.progress('step 1');
    output.progress('a line that is longer than twenty columns');
    output.result({}, 'done');
    expect(out()).toBe('\r\u001b[2Kstep 1\r\u001b[2Ka line that is lon…\r\u001b[2Kdone\n');
  });
  it('a narrow terminal gets the short form, whole', () => {
    const { out } = capture(20);
    new Output(false).progress('a line that is longer than twenty columns', 'a short line');
    expect(out()).toBe('\r\u001b[2Ka short line');
  });
  it('elsewhere progress is plain lines, at most one in five seconds', () => {
    const { out } = capture(null);
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const output = new Output(false);
    output.progress('first');
    now.mockReturnValue(5000);
    output.progress('too early');
    now.mockReturnValue(6001);
    output.progress('third');
    expect(out()).toBe('first\nthird\n');
  });
  it('with --json only the document is on stdout', () => {
    const { out, err } = capture(null);
    const output = new Output(true);
    output.log('a log line');
    output.progress('progress');
    output.result({ a: 1 }, 'not shown');
    expect([JSON.parse(out()), err()]).toEqual([{ a: 1 }, 'a log line\nprogress\n']);
  });
});
