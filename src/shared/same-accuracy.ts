/**
 * What the same accuracy has cost, from evaluations of few images: the window and the command line decide alike. The
 * target is no run's luckiest evaluation, reached is more than one lucky point, and a difference is told only where the
 * error of measuring leaves it standing. Pure.
 */

export interface Evaluated {
  step: number;
  /** Accuracy, 0 to 1. */
  value: number;
  /** Spent until then. */
  equivalent_epochs: number;
  seconds: number;
}

type Valued = Pick<Evaluated, 'value'>;

/** Evaluations at the end that say where a run has come to. */
const LAST = 3;

/** The median of a run's last three evaluations; null where there is none. */
export function levelOf(points: readonly Valued[]): number | null {
  const last = points
    .slice(-LAST)
    .map(({ value }) => value)
    .sort((a, b) => a - b);
  if (!last.length) return null;
  const middle = (last.length - 1) / 2;
  return ((last[Math.floor(middle)] as number) + (last[Math.ceil(middle)] as number)) / 2;
}

/** The level of the weakest run; runs without an evaluation don't count, null where none has one. */
export function targetOf(runs: readonly (readonly Valued[])[]): number | null {
  const levels = runs.map(levelOf).filter((level) => level !== null);
  return levels.length ? Math.min(...levels) : null;
}

/**
 * The first of two evaluations in a row at or above the target. Where a run has no such two, the first of two among
 * three in a row: the median of three is its curve smoothed, and the run that the target is taken from reaches it by
 * that.
 */
export function reachedAt<P extends Valued>(points: readonly P[], target: number): P | null {
  const there = points.map(({ value }) => value >= target);
  const first = (within: number): number =>
    there.findIndex((is, at) => is && there.slice(at + 1, at + 1 + within).includes(true));
  const at = first(1);
  return points[at < 0 ? first(2) : at] ?? null;
}

/** Two-sided 95 %. */
const Z = 1.959964;

/** Wilson's score interval of an accuracy that was measured on so many images (Wilson, 1927). */
export function wilson(share: number, images: number): [number, number] {
  const square = Z ** 2 / images;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / images + square / (4 * images));
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/** Half the width of that interval. */
export function marginOf(share: number, images: number): number {
  const [low, high] = wilson(share, images);
  return (high - low) / 2;
}

export interface Reach<P> {
  at: P | null;
  /** Where the low and the high end of the target's interval are reached; null: not yet. */
  early: P | null;
  late: P | null;
}

/** @param images that each evaluation was of; null: not known, and then anything is within the error */
export function reachOf<P extends Valued>(points: readonly P[], target: number, images: number | null): Reach<P> {
  const [low, high] = images ? wilson(target, images) : [0, Infinity];
  return { at: reachedAt(points, target), early: reachedAt(points, low), late: reachedAt(points, high) };
}

/** What was spent at least and at most until the accuracy was there; null: no upper end. */
export type CostRange = [number, number | null];

export const rangeOf = <P>({ early, late }: Reach<P>, of: (point: P) => number): CostRange => [
  early ? of(early) : 0,
  late ? of(late) : null,
];

/** Whether two costs can't be told apart: their ranges have a point in common. */
export const tooNoisy = (a: CostRange, b: CostRange): boolean =>
  Math.max(a[0], b[0]) <= Math.min(a[1] ?? Infinity, b[1] ?? Infinity);
