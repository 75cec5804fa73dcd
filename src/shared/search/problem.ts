/**
 * The two searches for a schedule (Wang et al., ICCV 2023, algorithm 1; TPAMI 2024, algorithm 2) as functions of what
 * is known: from the accuracies of the trials made so far, they return the next trials. They hold no state, so a search
 * that was killed resumes by asking again.
 */

/** Bandwidths of the stages, in order; a trial of algorithm 2 has those of the first stages. */
export type Schedule = readonly number[];

/** `cheaper`: the cheaper of the trials; `mean`: the highest mean accuracy. */
export type OverlapRule = 'cheaper' | 'mean';

export interface Problem {
  algorithm: 1 | 2;
  /** Number of stages, N. */
  stages: number;
  /** Candidate bandwidths, ascending; the last is the final size. */
  candidates: readonly number[];
  /**
   * Difference of accuracies, 0 to 1, that counts as equal (algorithm 2), or as not below the baseline (algorithm 1).
   */
  tolerance: number;
  /** Number of seeds of each trial. */
  seeds: number;
  /** Largest number of seeds of a trial that is too close to call. */
  maxSeeds: number;
  /** What decides between trials whose intervals still overlap then. */
  overlap: OverlapRule;
}

/** Mean top-1 accuracy of a trial over its seeds; each is measured on `n` images. */
export interface Measured {
  top1: number;
  n: number;
  seeds: number;
}

/** Null: the baseline, ordinary training at the final size. */
export type Subject = Schedule | null;

/** Returns what has been measured of a subject; null where nothing has. */
export type Known = (subject: Subject) => Measured | null;

export interface Wanted {
  subject: Subject;
  /** Number of seeds that it has to be measured with, in all. */
  seeds: number;
}

export interface Next {
  /** Trials to make, in this order; empty where the search is done. */
  wanted: Wanted[];
  /** The best schedule so far, all stages; null where nothing is decided yet. */
  chosen: Schedule | null;
  /** Number of stages whose bandwidth is decided. */
  decided: number;
}

/** Accuracies are quotients of counts; a smaller difference means that they are equal. */
export const EPSILON = 1e-9;
