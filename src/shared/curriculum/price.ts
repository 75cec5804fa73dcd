/**
 * Compares a schedule's compute with a named reference: training at the final size throughout for so many epochs. Both
 * claims are counts of compute; only runs can show the accuracy.
 */
import type { PlanTotals } from './plan';

/**
 * The papers train their baseline for 300 epochs where EfficientTrain++ takes the compute of 200 (Wang et al., TPAMI
 * 2024, table 1).
 */
const PAPER_PROPORTION = 300 / 200;

/** Returns the reference's epochs in the papers' proportion to the plan's, with three digits. */
export const defaultReference = (equivalentEpochs: number): number =>
  Number((PAPER_PROPORTION * equivalentEpochs).toPrecision(3));

export interface Price {
  passes: number;
  /** Their cost in passes at the final size. */
  epochs: number;
  /** Passes for the compute of one at the final size: 1 for `constant`. */
  passes_per_epoch: number;
  /** Epochs of the constant training for comparison. */
  reference: number;
  /** The reference's compute over this schedule's: above 1 is less compute. */
  times_less: number;
}

/**
 * Computes the comparison. @param chosen epochs of the constant training; null: the papers' proportion to the epochs
 * that were asked for
 */
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

/** Says whether two decimals of a factor differ from one: a smaller difference is rounding to whole steps. */
export const differsFromOne = (factor: number): boolean => Math.abs(factor - 1) >= 0.005;
