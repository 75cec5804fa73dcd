/**
 * Computes the cost of the same accuracy from evaluations of few images, alike for the window and the command line. The
 * target is not a run's luckiest evaluation, a single lucky point does not count as reached, and a difference is shown
 * only where it exceeds the measuring error. Pure.
 */

export interface Evaluated {
  step: number;
  /** The value, for an accuracy 0 to 1. */
  value: number;
  /** Equivalent epochs spent until then. */
  equivalent_epochs: number;
  seconds: number;
}

type Valued = Pick<Evaluated, 'value'>;

/** Number of evaluations at the end that decide a run's level. */
const LAST = 3;

/** Returns the median of a run's last three evaluations; null where there is none. */
export function levelOf(points: readonly Valued[]): number | null {
  const last = points
    .slice(-LAST)
    .map(({ value }) => value)
    .sort((a, b) => a - b);
  if (!last.length) return null;
  const middle = (last.length - 1) / 2;
  return ((last[Math.floor(middle)] as number) + (last[Math.ceil(middle)] as number)) / 2;
}

/** Returns the level of the weakest run. Runs without an evaluation don't count; null where none has one. */
export function targetOf(runs: readonly (readonly Valued[])[]): number | null {
  const levels = runs.map(levelOf).filter((level) => level !== null);
  return levels.length ? Math.min(...levels) : null;
}

/**
 * Returns the first of two evaluations in a row at or above the target. Where a run has no such two, it returns the
 * first of two among three in a row: the median of three smooths its curve, and the run that sets the target reaches it
 * this way.
 */
export function reachedAt<P extends Valued>(points: readonly P[], target: number): P | null {
  const there = points.map(({ value }) => value >= target);
  const first = (within: number): number =>
    there.findIndex((is, at) => is && there.slice(at + 1, at + 1 + within).includes(true));
  const at = first(1);
  return points[at < 0 ? first(2) : at] ?? null;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;

/** Returns Wilson's score interval of an accuracy that was measured on so many images (Wilson, 1927). */
export function wilson(share: number, images: number): [number, number] {
  const square = Z ** 2 / images;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / images + square / (4 * images));
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/** Returns half the width of that interval. */
export function marginOf(share: number, images: number): number {
  const [low, high] = wilson(share, images);
  return (high - low) / 2;
}

export interface Reach<P> {
  at: P | null;
  /** Points at which the low and the high end of the target's interval are reached; null: not yet. */
  early: P | null;
  late: P | null;
}

/**
 * Finds where a run reaches the target. @param images that each evaluation was of; null: not known, and then anything
 * is within the error
 */
export function reachOf<P extends Valued>(points: readonly P[], target: number, images: number | null): Reach<P> {
  const [low, high] = images ? wilson(target, images) : [0, Infinity];
  return { at: reachedAt(points, target), early: reachedAt(points, low), late: reachedAt(points, high) };
}

/** The least and the most that was spent until the accuracy was reached; null: no upper end. */
export type CostRange = [number, number | null];

export const rangeOf = <P>({ early, late }: Reach<P>, of: (point: P) => number): CostRange => [
  early ? of(early) : 0,
  late ? of(late) : null,
];

/** Says whether two costs are indistinguishable: their ranges have a point in common. */
export const tooNoisy = (a: CostRange, b: CostRange): boolean =>
  Math.max(a[0], b[0]) <= Math.min(a[1] ?? Infinity, b[1] ?? Infinity);
