import { describe, expect, it } from 'vitest';
import { overheadOf, stagesSpent, timeSpent } from '../../src/shared/time-spent';

/** At 64 px an image takes 10 ms. In the small stage it would take 1.4 ms by its compute, and takes 4 ms. */
const stages = [
  { bandwidth: 24, seconds: 6, compute_seconds: 4, loader_seconds: 1.5, images: 1000 },
  { bandwidth: 64, seconds: 11, compute_seconds: 10, loader_seconds: 0.5, images: 1000 },
];

describe('the time that compute does not explain', () => {
  it('adds up to the run’s time', () => {
    const spent = timeSpent(stages, 64, 20);
    expect(spent).not.toBeNull();
    const { ideal, small_size, loader, other, outside, total } = spent!;
    expect(ideal + small_size + loader + other + outside).toBeCloseTo(total, 9);
    expect(ideal).toBeCloseTo(10 + 10 * (24 / 64) ** 2, 9);
    expect(small_size).toBeCloseTo(4 - 10 * (24 / 64) ** 2, 9);
    expect([loader, other, outside, total]).toEqual([2, 1, 3, 20]);
    expect(overheadOf(spent!)).toBeCloseTo(20 - ideal, 9);
  });

  it('is split by stage, and none has more device time than it took', () => {
    const fast = [{ ...stages[0]!, compute_seconds: 1, loader_seconds: 9 }, stages[1]!];
    expect(stagesSpent(fast, 64)[0]).toEqual({ ideal: 1, small_size: 0, loader: 5, other: 0 });
    expect(stagesSpent([stages[0]!, { ...stages[1]!, images: 0, seconds: 0 }], 64)[1]).toEqual({
      ...{ ideal: 0, small_size: 0, loader: 0, other: 0 },
    });
  });

  it('of a constant run is none of small sizes', () =>
    expect(timeSpent([stages[1]!], 64, 12)).toMatchObject({ small_size: 0, outside: 1 }));

  it('is not known before the first step', () => {
    expect(timeSpent([], 64, 3)).toBeNull();
    expect(timeSpent([{ ...stages[0]!, images: 0 }], 64, 3)).toBeNull();
  });
});
