/**
 * Computes the cost of a given accuracy for each column of the comparison; for seeds the mean. The command line uses
 * the same rule. Pure.
 */
import type { Curve } from '../../../shared/contract/metrics';
import {
  rangeOf,
  reachOf,
  targetOf,
  tooNoisy,
  type CostRange,
  type Evaluated,
  type Reach,
} from '../../../shared/same-accuracy';
import { beyondSpread, mean } from './spread';

type Point = Evaluated & { epoch: number };
type Place = Omit<Point, 'value'>;
type Spent = 'epoch' | 'equivalent_epochs' | 'seconds';

export interface Cost extends Place {
  /** The baseline's over this one's: above 1 is cheaper. Null where the baseline has none. */
  times_compute: number | null;
  times_seconds: number | null;
  /** Range by the measuring error; null: no upper end. */
  range_compute: CostRange;
  range_seconds: CostRange;
  /** Whether the difference from the baseline is noise: the ranges meet, or seeds differ by as much. */
  noisy_compute: boolean;
  noisy_seconds: boolean;
}

export interface GroupCost {
  /** For each seed that has reached it, the place where it did. */
  reached: readonly Place[];
  seeds: number;
  /** The mean; null unless all have reached it, because the fast ones alone would make it look cheap. */
  cost: Cost | null;
}

/** Returns the evaluations behind a curve; for a thinned one its buckets. */
export const pointsOf = (curve: Curve | undefined): Point[] =>
  (curve?.step ?? []).map((step, at) => ({
    step,
    value: curve?.mean[at] as number,
    epoch: curve?.epoch[at] as number,
    equivalent_epochs: curve?.equivalent_epochs[at] as number,
    seconds: curve?.seconds[at] as number,
  }));

/**
 * Returns the level of the weakest run that has a curve, the median of its last three evaluations; null where none has
 * one.
 */
export const commonAccuracy = (curves: readonly (Curve | undefined)[]): number | null => targetOf(curves.map(pointsOf));

/** Returns the highest accuracy that any has reached: the line's upper end. */
export function highestAccuracy(curves: readonly (Curve | undefined)[]): number | null {
  const values = curves.flatMap((curve) => curve?.max ?? []);
  return values.length ? values.reduce((most, value) => Math.max(most, value), -Infinity) : null;
}

interface Found {
  reaches: readonly Reach<Point>[];
  reached: readonly Point[];
  /** Whether all seeds have reached it. */
  all: boolean;
}

/** Returns the mean over seeds at either end; no upper end unless all have one. */
function meanRange(reaches: readonly Reach<Point>[], of: Spent): CostRange {
  const ranges = reaches.map((reach) => rangeOf(reach, (point) => point[of]));
  const highs = ranges.flatMap(([, high]) => high ?? []);
  return [mean(ranges.map(([low]) => low)), highs.length === ranges.length ? mean(highs) : null];
}

function noisyIn(base: Found, found: Found, of: 'equivalent_epochs' | 'seconds'): boolean {
  if (base === found) return false;
  const values = ({ reached }: Found): number[] => reached.map((point) => point[of]);
  return (
    tooNoisy(meanRange(base.reaches, of), meanRange(found.reaches, of)) ||
    beyondSpread(values(found), values(base)) === false
  );
}

const times = (theirs: number | null, ours: number): number | null =>
  theirs === null || ours <= 0 ? null : theirs / ours;

/**
 * Computes the costs.
 * @param groups the curves of each one's seeds, baseline first
 * @param images that accuracy was measured on; null: not known, and then no difference is shown
 */
export function costsAt(
  groups: readonly (readonly (Curve | undefined)[])[],
  accuracy: number,
  images: number | null,
): GroupCost[] {
  const found = groups.map((curves): Found => {
    const reaches = curves.map((curve) => reachOf(pointsOf(curve), accuracy, images));
    const reached = reaches.flatMap(({ at }) => at ?? []);
    return { reaches, reached, all: reached.length > 0 && reached.length === curves.length };
  });
  const [base] = found;
  const meanOf = ({ reached }: Found, of: Spent | 'step'): number => mean(reached.map((point) => point[of]));
  const baseCost = (of: Spent): number | null => (base?.all ? meanOf(base, of) : null);
  return found.map((each, at) => {
    const { reaches, reached, all } = each;
    const seeds = groups[at]?.length ?? 0;
    if (!all || !base) return { reached, seeds, cost: null };
    const [compute, seconds] = [meanOf(each, 'equivalent_epochs'), meanOf(each, 'seconds')];
    const cost: Cost = {
      ...{ step: meanOf(each, 'step'), epoch: meanOf(each, 'epoch'), equivalent_epochs: compute, seconds },
      ...{
        times_compute: times(baseCost('equivalent_epochs'), compute),
        times_seconds: times(baseCost('seconds'), seconds),
      },
      ...{ range_compute: meanRange(reaches, 'equivalent_epochs'), range_seconds: meanRange(reaches, 'seconds') },
      ...{ noisy_compute: noisyIn(base, each, 'equivalent_epochs'), noisy_seconds: noisyIn(base, each, 'seconds') },
    };
    return { reached, seeds, cost };
  });
}
