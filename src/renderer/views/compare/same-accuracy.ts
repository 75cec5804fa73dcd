/** What a given accuracy has cost each run: where its curve first is there, and what had been spent by then. Pure. */
import type { Curve } from '../../../shared/contract/metrics';

export interface Cost {
  step: number;
  epoch: number;
  equivalent_epochs: number;
  seconds: number;
  /** Baseline's over this run's: above 1 is cheaper. Null where the baseline has none. */
  times_compute: number | null;
  times_seconds: number | null;
}

type Reached = Omit<Cost, 'times_compute' | 'times_seconds'>;

/** Of a thinned curve the first bucket that holds such a point. */
export function firstReaching(curve: Curve | undefined, accuracy: number): Reached | null {
  const at = curve ? curve.max.findIndex((value) => value >= accuracy) : -1;
  if (!curve || at < 0) return null;
  return {
    step: curve.step[at] as number,
    epoch: curve.epoch[at] as number,
    equivalent_epochs: curve.equivalent_epochs[at] as number,
    seconds: curve.seconds[at] as number,
  };
}

const highest = (curve: Curve | undefined): number | null =>
  curve?.max.length ? curve.max.reduce((most, value) => Math.max(most, value), -Infinity) : null;

/** The highest accuracy that all runs with a curve have reached; null where none has one. */
export function commonAccuracy(curves: readonly (Curve | undefined)[]): number | null {
  const found = curves.map(highest).filter((value) => value !== null);
  return found.length ? Math.min(...found) : null;
}

/** The highest that any has reached: the line's upper end. */
export function highestAccuracy(curves: readonly (Curve | undefined)[]): number | null {
  const found = curves.map(highest).filter((value) => value !== null);
  return found.length ? Math.max(...found) : null;
}

/** @param curves baseline first */
export function costsAt(curves: readonly (Curve | undefined)[], accuracy: number): (Cost | null)[] {
  const reached = curves.map((curve) => firstReaching(curve, accuracy));
  const base = reached[0];
  const times = (theirs: number | undefined, ours: number): number | null =>
    theirs === undefined || ours <= 0 ? null : theirs / ours;
  return reached.map(
    (at) =>
      at && {
        ...at,
        times_compute: times(base?.equivalent_epochs, at.equivalent_epochs),
        times_seconds: times(base?.seconds, at.seconds),
      },
  );
}
