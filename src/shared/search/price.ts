/** Computes the cost of a search's trials in equivalent epochs: passes over the training split at the final size. */
import { cost } from '../curriculum/stages';
import { nextTrials } from './next';
import type { Known, Measured, Problem, Schedule, Subject } from './problem';

export interface Prices {
  /** Cost of the baseline. */
  baseline: number;
  /** Final size, px. */
  size: number;
  /**
   * Length of all stages together: passes where they have equal passes (algorithm 1), equivalent epochs where they have
   * equal compute.
   */
  length: number;
  /** Fine-tuning at the final size after each trial; 0 where there is none. */
  finetune: number;
}

/** Returns the compute of one stage. */
export const stagePrice = ({ algorithm, stages }: Problem, { size, length }: Prices, bandwidth: number): number =>
  (length / stages) * (algorithm === 1 ? cost(bandwidth, size) : 1);

/** Returns the compute of a whole schedule. */
export const schedulePrice = (problem: Problem, prices: Prices, schedule: Schedule): number =>
  schedule.reduce((sum, bandwidth) => sum + stagePrice(problem, prices, bandwidth), 0);

/** Counts the equal stages at the beginning of two schedules. */
export function commonStages(one: Schedule, other: Schedule): number {
  const differs = one.findIndex((bandwidth, stage) => bandwidth !== other[stage]);
  return differs < 0 ? Math.min(one.length, other.length) : differs;
}

/** Returns the cost of a subject where the schedules of `trained` have been trained with the same seed. */
export function subjectPrice(problem: Problem, prices: Prices, subject: Subject, trained: readonly Schedule[]): number {
  if (subject === null) return prices.baseline;
  const shared = Math.max(
    0,
    ...trained.map((schedule) => Math.min(commonStages(schedule, subject), subject.length - 1)),
  );
  return schedulePrice(problem, prices, subject.slice(shared)) + prices.finetune;
}

/** Number of images with which no two simulated accuracies are too close to call. */
const MANY = 1e12;

export interface ToCome {
  /** Number of trainings, one for each seed of a trial. */
  trials: number;
  /** Number of equivalent epochs. */
  epochs: number;
}

/** Returns the accuracy of a trial that leaves the most to try: see mostToCome. */
function dearest({ algorithm, candidates }: Problem, subject: Subject): number {
  if (algorithm === 1 || subject === null) return Number(subject === null);
  return Number(subject.at(-1) === (subject.at(-2) ?? candidates[0]));
}

/**
 * Returns the most that a search will take from now on, without trials that get further seeds. Every candidate of
 * algorithm 1 fails, and of algorithm 2 the smallest is the best, which leaves every later stage all candidates.
 * @param made schedules that have been trained
 */
export function mostToCome(problem: Problem, prices: Prices, known: Known, made: readonly Schedule[]): ToCome {
  const imagined = new Map<string, Measured>();
  const keyOf = (subject: Subject): string => JSON.stringify(subject);
  const oracle: Known = (subject) => imagined.get(keyOf(subject)) ?? known(subject);
  const plain = { ...problem, maxSeeds: problem.seeds };
  const trained = [...made];
  let [trials, epochs] = [0, 0];
  for (;;) {
    const { wanted } = nextTrials(plain, oracle);
    if (!wanted.length) return { trials, epochs };
    for (const { subject, seeds } of wanted) {
      const missing = seeds - (known(subject)?.seeds ?? 0);
      trials += missing;
      epochs += missing * subjectPrice(problem, prices, subject, trained);
      if (subject) trained.push(subject);
      imagined.set(keyOf(subject), { top1: dearest(problem, subject), n: MANY, seeds });
    }
  }
}
