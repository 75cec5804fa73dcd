/** Returns the states of trials that a search still needs: those from which a later trial can branch. */
import { commonStages } from './price';
import type { Next, Problem, Schedule } from './problem';

/** The state of a training with a seed at the end of its first stages. */
export interface TrainedState {
  /** Bandwidths of the stages that it has trained. */
  beginning: Schedule;
  seed: number;
}

/**
 * Says whether a later trial of algorithm 1 can begin with these stages. It shares the smallest bandwidths, below the
 * present one, in stages not yet decided. With further seeds the baseline's accuracy changes, and decisions with it:
 * then any stage may be shared.
 */
function begins1(
  { stages, candidates, seeds, maxSeeds }: Problem,
  { chosen, decided }: Next,
  state: TrainedState,
): boolean {
  const isFinal = maxSeeds === seeds;
  const [shared, below] = isFinal ? [stages - decided, chosen?.[0] ?? 0] : [stages - 1, candidates.at(-1) as number];
  const { beginning } = state;
  const first = beginning[0] as number;
  return first < below && beginning.length <= shared && beginning.every((bandwidth) => bandwidth === first);
}

/**
 * Says whether a later trial of algorithm 2 can begin with these stages: all begin with the decided stages, and the
 * next stage may be any that is tried.
 */
function begins2({ stages }: Problem, { chosen, decided }: Next, { beginning }: TrainedState): boolean {
  if (beginning.length >= stages || beginning.length > decided + 1) return false;
  const known = Math.min(beginning.length, decided);
  return commonStages(beginning, (chosen ?? []).slice(0, decided)) >= known;
}

/**
 * Returns, of states in any order, those from which a later trial can branch, in the same order. Of algorithm 2's
 * decided stages, the longest beginning of each seed is enough, because every later trial has all of them.
 */
export function neededStates<T extends TrainedState>(problem: Problem, next: Next, states: readonly T[]): T[] {
  if (!next.wanted.length) return [];
  if (problem.algorithm === 1) return states.filter((state) => begins1(problem, next, state));
  const possible = states.filter((state) => begins2(problem, next, state));
  return possible.filter(
    ({ beginning, seed }) =>
      beginning.length >= next.decided ||
      !possible.some(
        (other) =>
          other.seed === seed && other.beginning.length <= next.decided && other.beginning.length > beginning.length,
      ),
  );
}

/** Returns the largest number of states that a search needs at once, for each seed. */
export const mostNeeded = ({ algorithm, stages, candidates }: Problem): number =>
  algorithm === 1 ? (candidates.length - 1) * (stages - 1) : stages > 1 ? candidates.length + 1 : 0;
