/**
 * What a schedule's compute buys, and how it compares with a named reference: training at the final size throughout for
 * so many epochs. Both claims are counts of compute; what accuracy comes of them is for runs to show.
 */
import type { PlanTotals } from './plan';

/**
 * The papers train their baseline for 300 epochs where EfficientTrain++ takes the compute of 200 (Wang et al., TPAMI
 * 2024, table 1).
 */
const PAPER_PROPORTION = 300 / 200;

export const defaultReference = (equivalentEpochs: number): number =>
  Number((PAPER_PROPORTION * equivalentEpochs).toPrecision(3));

export interface Price {
  passes: number;
  /** What they cost, in passes at the final size. */
  epochs: number;
  /** Passes for the compute of one at the final size: 1 for `constant`. */
  passes_per_epoch: number;
  /** Epochs of the constant training that it is held against. */
  reference: number;
  /** The reference's compute over this schedule's: above 1 is less compute. */
  times_less: number;
}

/** @param chosen epochs of the constant training; null: the papers' proportion to the epochs that were asked for */
export function priceOf(
  { passes, equivalent_epochs }: Pick<PlanTotals, 'passes' | 'equivalent_epochs'>,
  asked: number,
  chosen: number | null,
): Price {
  const reference = chosen ?? defaultReference(asked);
  return {
    ...{ passes, epochs: equivalent_epochs, passes_per_epoch: passes / equivalent_epochs },
    ...{ reference, times_less: reference / equivalent_epochs },
  };
}

/** Two decimals of a factor that are not all zero: less than that is rounding to whole steps. */
export const differsFromOne = (factor: number): boolean => Math.abs(factor - 1) >= 0.005;
