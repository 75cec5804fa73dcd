/** What a given accuracy has cost: where a curve first is there, and what had been spent by then; of seeds the mean of that. Pure. */
import type { Curve } from '../../../shared/contract/metrics';
import { mean } from './spread';

export interface Cost {
  step: number;
  epoch: number;
  equivalent_epochs: number;
  seconds: number;
  /** Baseline's over this one's: above 1 is cheaper. Null where the baseline has none. */
  times_compute: number | null;
  times_seconds: number | null;
}

type Reached = Omit<Cost, 'times_compute' | 'times_seconds'>;

export interface GroupCost {
  /** Seeds that have reached it, each. */
  reached: readonly Reached[];
  seeds: number;
  /** The mean; null unless all have reached it: the fast ones alone would make it look cheap. */
  cost: Cost | null;
}

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

function meanOf(reached: readonly Reached[]): Reached {
  const of = (name: keyof Reached): number => mean(reached.map((at) => at[name]));
  return { step: of('step'), epoch: of('epoch'), equivalent_epochs: of('equivalent_epochs'), seconds: of('seconds') };
}

/** @param groups the curves of each one's seeds, baseline first */
export function costsAt(groups: readonly (readonly (Curve | undefined)[])[], accuracy: number): GroupCost[] {
  const found = groups.map((curves) => {
    const reached = curves.map((curve) => firstReaching(curve, accuracy)).filter((at) => at !== null);
    return { reached, seeds: curves.length, at: reached.length === curves.length ? meanOf(reached) : null };
  });
  const base = found[0]?.at;
  const times = (theirs: number | undefined, ours: number): number | null =>
    theirs === undefined || ours <= 0 ? null : theirs / ours;
  return found.map(({ reached, seeds, at }) => ({
    ...{ reached, seeds },
    cost: at && {
      ...at,
      times_compute: times(base?.equivalent_epochs, at.equivalent_epochs),
      times_seconds: times(base?.seconds, at.seconds),
    },
  }));
}
