/**
 * Evaluates a frequency study (after Wang et al., TPAMI 2024, sec. 3): how long a network that sees low frequencies
 * alone learns as one that sees all of them. Pure.
 */
import type { StudyFit, StudyPoint } from '../contract/studies';
import { wilson } from '../same-accuracy';

/** An evaluation of one training. */
export interface Measured {
  step: number;
  top1: number;
}

/** Number of evaluations in a row that have to be beyond the interval. */
export const IN_A_ROW = 3;

/**
 * Returns the mean over seeds at each step that all of them have measured.
 * @param images of an evaluation @param progressOf returns the progress of a step, 0 to 1
 */
export function curveOf(
  seeds: readonly (readonly Measured[])[],
  images: number,
  progressOf: (step: number) => number,
): StudyPoint[] {
  const [first = [], ...others] = seeds;
  return first.flatMap(({ step, top1 }) => {
    const values = [top1, ...others.flatMap((points) => points.find((point) => point.step === step)?.top1 ?? [])];
    if (values.length < seeds.length) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [low, high] = wilson(mean, images * values.length);
    return [{ step, progress: progressOf(step), top1: mean, seeds: values.length, low, high }];
  });
}

/**
 * Finds where a curve leaves the baseline: the first of three evaluations in a row whose means are all above or all
 * below the baseline's interval at the same steps. Null: it does not.
 */
export function leaves(curve: readonly StudyPoint[], baseline: readonly StudyPoint[]): StudyPoint | null {
  const sides = curve.flatMap((point) => {
    const other = baseline.find(({ step }) => step === point.step);
    return other ? [{ point, side: point.top1 < other.low ? -1 : Number(point.top1 > other.high) }] : [];
  });
  const at = sides.findIndex(({ side }, index) => {
    const row = sides.slice(index, index + IN_A_ROW);
    return side !== 0 && row.length === IN_A_ROW && row.every((next) => next.side === side);
  });
  return sides[at]?.point ?? null;
}

/** Fits progress on radius by least squares; null for fewer than two radii. */
export function fitOf(points: readonly { radius: number; progress: number }[]): StudyFit | null {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(({ radius }) => radius)), mean(points.map(({ progress }) => progress))];
  const total = (of: (point: { radius: number; progress: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0);
  const spread = total(({ radius }) => (radius - x) ** 2);
  if (points.length < 2 || spread === 0) return null;
  const slope = total(({ radius, progress }) => (radius - x) * (progress - y)) / spread;
  const intercept = y - slope * x;
  const variance = total(({ progress }) => (progress - y) ** 2);
  const left = total(({ radius, progress }) => (progress - intercept - slope * radius) ** 2);
  // A line through two points explains all, whatever they are.
  const r2 = points.length < 3 || variance === 0 ? null : 1 - left / variance;
  return { slope, intercept, r2, points: points.length };
}
