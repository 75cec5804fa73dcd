import { describe, expect, it } from 'vitest';
import { timeTicks } from '../../../src/renderer/charts/scale';
import { timeTick } from '../../../src/renderer/charts/time-ticks';

describe('a mark of a time axis', () => {
  it('names the units that are not nought', () => {
    const words = [0, 0.5, 45, 60, 135, 600, 7200, 9000, 86_400, 97_200].map(timeTick);
    expect(words).toEqual([
      '0',
      '0.5 s',
      '45 s',
      '1 min',
      '2 min 15 s',
      '10 min',
      '2 h',
      '2 h 30 min',
      '1 d',
      '1 d 3 h',
    ]);
  });

  it('differs from the next, however far the axis is zoomed', () => {
    for (const span of [0.1, 3, 40, 600, 5000, 40_000, 900_000]) {
      for (const from of [0, 3600, 36_000]) {
        const words = timeTicks([from, from + span], 6).values.map(timeTick);
        expect(words.length).toBeGreaterThan(1);
        expect(new Set(words).size, `${from} + ${span}: ${words.join(', ')}`).toBe(words.length);
      }
    }
  });
});
