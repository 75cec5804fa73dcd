import { describe, expect, it } from 'vitest';
import {
  levelOf,
  marginOf,
  rangeOf,
  reachedAt,
  reachOf,
  targetOf,
  tooNoisy,
  wilson,
} from '../../src/shared/same-accuracy';

const points = (...values: number[]) =>
  values.map((value, index) => ({
    step: 10 * (index + 1),
    value,
    equivalent_epochs: index + 1,
    seconds: 2 * (index + 1),
  }));
const at = (values: number[], target: number): number | null => reachedAt(points(...values), target)?.step ?? null;

describe('the target', () => {
  it('is the median of the last three evaluations of the weaker run, no run’s best', () => {
    expect(levelOf(points(0.99, 0.5, 0.7, 0.6))).toBe(0.6);
    expect(targetOf([points(0.99, 0.5, 0.7, 0.6), points(0.1, 0.8, 0.9, 0.85), []])).toBe(0.6);
  });

  it('of fewer evaluations is what there is of them', () => {
    expect(levelOf(points(0.4))).toBe(0.4);
    expect(levelOf(points(0.4, 0.6))).toBe(0.5);
    expect([levelOf([]), targetOf([[], []])]).toEqual([null, null]);
  });
});

describe('reached', () => {
  it('are two evaluations in a row, not one that was lucky', () => {
    expect(at([0.2, 0.9, 0.3, 0.7, 0.7, 0.6], 0.7)).toBe(40);
    expect(at([0.2, 0.9, 0.3, 0.4], 0.7)).toBeNull();
    expect(at([0.2, 0.9], 0.7)).toBeNull();
    expect(at([0.5, 0.8, 0.6, 0.8, 0.8], 0.7)).toBe(40);
  });

  it('is the run that the target comes from, however its end scatters', () => {
    for (const values of [
      [0.1, 0.7, 0.5, 0.72],
      [0.1, 0.5, 0.7, 0.72],
      [0.1, 0.72, 0.7, 0.5],
    ]) {
      expect(at(values, levelOf(points(...values)) as number)).not.toBeNull();
    }
  });
});

describe('the interval', () => {
  // scipy 1.17, scipy.stats.binomtest(k, n).proportion_ci(method='wilson').
  it.each([
    [175, 250, 0.6405185, 0.7534282],
    [5, 10, 0.2365931, 0.7634069],
    [0, 20, 0, 0.1611252],
    [250, 250, 0.9848668, 1],
  ])('of %d right among %d is Wilson’s', (right, images, low, high) => {
    const [from, to] = wilson(right / images, images);
    expect(from).toBeCloseTo(low, 5);
    expect(to).toBeCloseTo(high, 5);
  });

  it('of 250 images is some six points to either side', () => expect(marginOf(0.7, 250)).toBeCloseTo(0.0564, 3));
});

describe('a difference', () => {
  const slow = points(0.1, 0.3, 0.5, 0.6, 0.7, 0.7, 0.7);
  const fast = points(0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9);
  const close = points(0.1, 0.4, 0.6, 0.7, 0.7, 0.72, 0.7);
  const range = (run: typeof slow, images: number | null) =>
    rangeOf(reachOf(run, 0.7, images), (point) => point.equivalent_epochs);

  it('has a range: where the low and the high end of the target are reached', () => {
    expect(range(slow, 250)).toEqual([5, null]);
    expect(range(fast, 250)).toEqual([1, 1]);
    expect(range(slow, 1e6)).toEqual([5, null]);
  });

  it('is shown where the ranges are apart, and is too noisy where they meet', () => {
    expect(tooNoisy(range(slow, 250), range(fast, 250))).toBe(false);
    expect(tooNoisy(range(slow, 250), range(close, 250))).toBe(true);
  });

  it('is never told where nobody knows how many images were measured', () => {
    expect(tooNoisy(range(slow, null), range(fast, null))).toBe(true);
  });
});
