import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { leaveTurn, takeTurn, takeTurnLater } from '../../../src/renderer/charts/chart-turns';

let now = 0;
let frames: (() => void)[] = [];
const frame = (): void => {
  const due = frames;
  frames = [];
  for (const run of due) run();
};
const drawing =
  (cost: number, log: string[], name: string): (() => void) =>
  () => {
    log.push(name);
    now += cost;
  };

/** The times are far apart, so that no test waits for the one before. */
let start = 0;
const after = (ms: number): void => {
  now += ms;
  vi.advanceTimersByTime(ms);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  start += 100_000;
  [now, frames] = [start, []];
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('charts in turn', () => {
  it('are drawn in one frame where that is quick, each once', () => {
    const log: string[] = [];
    const [a, b] = [drawing(2, log, 'a'), drawing(2, log, 'b')];
    for (const draw of [a, b, a]) takeTurn(draw);
    expect(frames).toHaveLength(1);
    frame();
    expect(log).toEqual(['a', 'b']);
    expect(frames).toHaveLength(0);
  });

  it('leave time between them where each is slow', () => {
    const log: string[] = [];
    const last = drawing(30, log, 'c');
    for (const draw of [drawing(30, log, 'a'), drawing(30, log, 'b'), last]) takeTurn(draw);
    frame();
    expect(log).toEqual(['a']);
    frame();
    expect(log).toEqual(['a', 'b']);
    leaveTurn(last);
    frame();
    expect(log).toEqual(['a', 'b']);
  });

  it('continue after one that fails', () => {
    const log: string[] = [];
    takeTurn(() => {
      throw new Error('no canvas');
    });
    takeTurn(drawing(1, log, 'b'));
    expect(frame).toThrow('no canvas');
    frame();
    expect(log).toEqual(['b']);
  });

  it('wait for each other with new data, a quarter of a second at least', () => {
    const log: string[] = [];
    const [a, b] = [drawing(2, log, 'a'), drawing(2, log, 'b')];
    takeTurn(a);
    frame();
    after(100);
    takeTurnLater(a);
    after(100);
    takeTurnLater(b);
    expect(frames).toHaveLength(0);
    after(48);
    expect(frames).toHaveLength(1);
    frame();
    expect(log).toEqual(['a', 'a', 'b']);
  });

  it('wait longer where drawing is slow, and not at all for what the user does', () => {
    const log: string[] = [];
    const [a, b] = [drawing(30, log, 'a'), drawing(2, log, 'b')];
    takeTurn(a);
    frame();
    takeTurnLater(a);
    after(400);
    expect(frames).toHaveLength(0);
    takeTurn(b);
    frame();
    expect(log).toEqual(['a', 'b']);
    after(100);
    frame();
    expect(log).toEqual(['a', 'b', 'a']);
  });
});
