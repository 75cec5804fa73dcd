import { expect } from 'vitest';

/** Expects the largest absolute difference of two series of equal length to be at most `tolerance`. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  let worst = 0;
  // NaN must not count as a small difference.
  for (let index = 0; index < actual.length; index++)
    worst = Math.max(
      worst,
      Math.abs(actual[index]! - expected[index]!) || (actual[index] === expected[index] ? 0 : Infinity),
    );
  expect(worst, `${what}: largest difference`).toBeLessThanOrEqual(tolerance);
}

/** Expects every value within `tolerance` of the expected one, relative to it. */
export function expectRelative(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  const ratios = Array.from(expected, (value, index) => actual[index]! / value);
  expectClose(
    ratios,
    ratios.map(() => 1),
    tolerance,
    what,
  );
}

/** Returns ||actual - expected|| / ||expected||. */
export function relativeDistance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    norm += expected[index]! ** 2;
  }
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-30);
}
