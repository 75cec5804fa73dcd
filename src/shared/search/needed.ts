/** Which states of trials a search still needs: those that a trial to come can branch from. */
import { commonStages } from './price';
import type { Next, Problem, Schedule } from './problem';

/** The state of a training with a seed at the end of its first stages. */
export interface TrainedState {
  /** Bandwidths of the stages that it has been through. */
  beginning: Schedule;
  seed: number;
}

/**
 * In algorithm 1 a trial to come shares the smallest bandwidths, below the present one, in stages not yet decided. With
 * further seeds the baseline's accuracy changes, and with it what was decided: then any stage may be shared.
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

/** In algorithm 2 all trials to come begin with the stages that are decided, and one more may be any that is tried. */
function begins2({ stages }: Problem, { chosen, decided }: Next, { beginning }: TrainedState): boolean {
  if (beginning.length >= stages || beginning.length > decided + 1) return false;
  const known = Math.min(beginning.length, decided);
  return commonStages(beginning, (chosen ?? []).slice(0, decided)) >= known;
}

/**
 * Of states in any order those that a trial to come can branch from, in the same order. Of algorithm 2's decided
 * stages the longest beginning of each seed is enough, because every trial to come goes through all of them.
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

/** States that a search needs at once at most, for each seed. */
export const mostNeeded = ({ algorithm, stages, candidates }: Problem): number =>
  algorithm === 1 ? (candidates.length - 1) * (stages - 1) : stages > 1 ? candidates.length + 1 : 0;
