import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasTurn, leaveTurn, takeTurn } from '../../../src/renderer/charts/chart-turns';

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

beforeEach(() => {
  [now, frames] = [0, []];
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
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
    expect(hasTurn(last)).toBe(true);
    leaveTurn(last);
    frame();
    expect(log).toEqual(['a', 'b']);
  });

  it('go on after one that fails', () => {
    const log: string[] = [];
    takeTurn(() => {
      throw new Error('no canvas');
    });
    takeTurn(drawing(1, log, 'b'));
    expect(frame).toThrow('no canvas');
    frame();
    expect(log).toEqual(['b']);
  });
});
