/** The rule by which a curve leaves the baseline, its intervals and the fit. */
import { expect, it } from 'vitest';
import { wilson } from '../../../src/shared/same-accuracy';
import type { StudyPoint } from '../../../src/shared/contract/studies';
import { curveOf, fitOf, leaves } from '../../../src/shared/study/frequency';

const curve = (...values: number[]): StudyPoint[] =>
  curveOf([values.map((top1, index) => ({ step: 10 * (index + 1), top1 }))], 100, (step) => step / 100);

it('is the mean over seeds where all of them have measured, with the interval of all their images', () => {
  const seeds = [
    [
      { step: 10, top1: 0.2 },
      { step: 20, top1: 0.4 },
    ],
    [{ step: 10, top1: 0.4 }],
  ];
  const [only, ...more] = curveOf(seeds, 50, (step) => step / 20);
  expect(more).toEqual([]);
  const [low, high] = wilson(0.3, 100);
  expect(only).toMatchObject({ step: 10, progress: 0.5, seeds: 2 });
  expect(only?.low).toBeCloseTo(low, 12);
  expect(only?.high).toBeCloseTo(high, 12);
  expect(only?.top1).toBeCloseTo(0.3, 12);
  expect(curveOf([], 50, () => 0)).toEqual([]);
});

it('leaves where three evaluations in a row are on the same side beyond the interval', () => {
  const baseline = curve(0.3, 0.4, 0.5, 0.6, 0.7, 0.8);
  expect(leaves(curve(0.3, 0.4, 0.5, 0.6, 0.7, 0.8), baseline)).toBeNull();
  expect(leaves(curve(0.3, 0.4, 0.5, 0.4, 0.4, 0.4), baseline)).toMatchObject({ step: 40, progress: 0.4 });
  // A point within the interval restarts the count, and two at the end are too few.
  expect(leaves(curve(0.1, 0.1, 0.5, 0.6, 0.4, 0.4), baseline)).toBeNull();
  expect(leaves(curve(0.1, 0.9, 0.1, 0.9, 0.1, 0.8), baseline)).toBeNull();
  expect(leaves(curve(0.3, 0.4, 0.7, 0.8, 0.9, 0.8), baseline)).toMatchObject({ step: 30 });
});

it('fits a line by least squares', () => {
  expect(fitOf([{ radius: 8, progress: 0.2 }])).toBeNull();
  // numpy.polyfit([8, 16, 24], [0.1, 0.2, 0.6], 1) = [0.03125, -0.2]; R2 = 0.892857...
  const fit = fitOf([
    { radius: 8, progress: 0.1 },
    { radius: 16, progress: 0.2 },
    { radius: 24, progress: 0.6 },
  ]);
  expect(fit?.slope).toBeCloseTo(0.03125, 12);
  expect(fit?.intercept).toBeCloseTo(-0.2, 12);
  expect(fit?.r2).toBeCloseTo(0.8928571428, 9);
  expect(fit?.points).toBe(3);
  // Any two points lie on a line, which explains nothing.
  const two = fitOf([
    { radius: 8, progress: 0.1 },
    { radius: 16, progress: 0.2 },
  ]);
  expect(two).toMatchObject({ r2: null, points: 2 });
  expect(two?.slope).toBeCloseTo(0.0125, 12);
});
