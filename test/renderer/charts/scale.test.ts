import { describe, expect, it } from 'vitest';
import { linearTicks, logTicks, niceRange, roundStep, timeTicks } from '../../../src/renderer/charts/scale';
import { tickFormat } from '../../../src/renderer/charts/value-format';

describe('ticks', () => {
  it.each([
    [10, 5, 2],
    [1, 5, 0.2],
    [0.03, 5, 0.01],
    [7, 3, 5],
    [1e6, 4, 500_000],
  ])('of a span of %d in %d parts are %d apart', (span, count, step) =>
    expect(roundStep(span, count)).toBeCloseTo(step, 12),
  );

  it('are exact multiples', () => {
    expect(linearTicks([0, 1], 5).values).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks([0.29, 0.31], 4).values).toEqual([0.29, 0.295, 0.3, 0.305, 0.31]);
  });

  it('of steps are whole', () => expect(linearTicks([3, 5], 10, true).values).toEqual([3, 4, 5]));

  it('of time are minutes and hours', () => {
    expect(timeTicks([0, 36_000], 5).values).toEqual([0, 7200, 14_400, 21_600, 28_800, 36_000]);
    expect(timeTicks([0, 100], 4).step).toBe(30);
  });

  it('of a logarithmic axis are decades, and 2 and 5 where there are few', () => {
    expect(logTicks([-4, 2], 7).values.map((value) => Math.round(value))).toEqual([-4, -3, -2, -1, 0, 1, 2]);
    const few = logTicks([-1, 0], 5).values.map((value) => Number((10 ** value).toPrecision(3)));
    expect(few).toEqual([0.1, 0.2, 0.5, 1]);
  });

  it('have different labels', () => {
    for (const [low, high] of [
      [0, 1],
      [0.29, 0.31],
      [1e-5, 4e-4],
      [0, 2e6],
      [12_000, 12_010],
    ] as const) {
      const { values, step } = linearTicks([low, high], 5);
      const labels = values.map(tickFormat('', step, [low, high]));
      expect(new Set(labels).size).toBe(values.length);
    }
    const { values, step } = linearTicks([0.89, 0.9], 5);
    expect(new Set(values.map(tickFormat('%', step, [0.89, 0.9]))).size).toBe(values.length);
  });
});

describe('the frame of an axis', () => {
  it('has a margin of 5 % around the values, and does not pass 0', () => {
    expect(niceRange([0.5, 2.5])).toEqual([0.4, 2.6]);
    expect(niceRange([0.9, 1])[0]).toBeCloseTo(0.892);
    expect(niceRange([0.01, 2])[0]).toBe(0);
    expect(niceRange([-1, 1])).toEqual([-1.1, 1.1]);
  });

  it('begins at 0 where that is asked for', () => {
    expect(niceRange([0.5, 2.5], { zero: true })[0]).toBe(0);
    expect(niceRange([-0.5, 2.5], { zero: true })[0]).toBeLessThanOrEqual(-0.5);
  });

  it('holds a constant', () => {
    const [low, high] = niceRange([5, 5]);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
    expect(niceRange([0, 0])[1]).toBeGreaterThan(0);
  });

  it('does not go beyond 100 %', () => expect(niceRange([0.1, 0.99], { most: 1 })[1]).toBe(1));
});
