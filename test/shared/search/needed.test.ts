import { describe, expect, it } from 'vitest';
import { rngOf } from '../../../src/shared/random';
import { mostNeeded, neededStates, type TrainedState } from '../../../src/shared/search/needed';
import { nextTrials } from '../../../src/shared/search/next';
import { commonStages } from '../../../src/shared/search/price';
import type { Measured, Problem, Schedule, Subject } from '../../../src/shared/search/problem';

/** Returns the number of stages that a trial finds trained among the states of its seed. */
const foundOf = (states: readonly TrainedState[], subject: Schedule, seed: number): number =>
  Math.max(
    0,
    ...states
      .filter((state) => state.seed === seed && state.beginning.length < subject.length)
      .filter(({ beginning }) => commonStages(beginning, subject) === beginning.length)
      .map(({ beginning }) => beginning.length),
  );

interface Held {
  /** Number of stages that trials would have found trained if nothing had been removed, and that they did find. */
  could: number;
  did: number;
  /** Largest number of states at once between two trials, and of one seed. */
  most: number;
  left: number;
}

/** Runs searches with random accuracies, removing states after each trial, or never. */
function heldOf(problem: Problem, seed: number): Held {
  const rng = rngOf(seed);
  const measured = new Map<string, Measured>();
  const known = (subject: Subject): Measured | null => measured.get(JSON.stringify(subject)) ?? null;
  let [all, kept]: TrainedState[][] = [[], []];
  const held: Held = { could: 0, did: 0, most: 0, left: 0 };
  for (;;) {
    const next = nextTrials(problem, known);
    kept = neededStates(problem, next, kept as TrainedState[]);
    for (let own = 0; own < problem.maxSeeds; own++)
      held.most = Math.max(held.most, kept.filter((state) => state.seed === own).length);
    const [first] = next.wanted;
    if (!first) return { ...held, left: kept.length };
    const before = known(first.subject);
    for (let own = before?.seeds ?? 0; own < first.seeds; own++) {
      const { subject } = first;
      if (subject) {
        const could = foundOf(all as TrainedState[], subject, own);
        held.could += could;
        held.did += foundOf(kept, subject, own);
        const ends = subject.map((_, stage) => ({ beginning: subject.slice(0, stage + 1), seed: own }));
        all = [...(all as TrainedState[]), ...ends.slice(could)];
        kept = [...kept, ...ends.slice(could)];
      }
    }
    const seeds = first.seeds;
    const top1 = ((before?.top1 ?? 0) * (before?.seeds ?? 0) + rng.uniform() * (seeds - (before?.seeds ?? 0))) / seeds;
    measured.set(JSON.stringify(first.subject), { top1, n: problem.overlap === 'mean' ? 20 : 500, seeds });
  }
}

describe.each([1, 2] as const)('states of trials in algorithm %i', (algorithm) => {
  it.each([
    [2, [16, 32], 1],
    [3, [16, 24, 32], 1],
    [5, [16, 24, 32, 40, 48], 1],
    [4, [16, 24, 32], 4],
  ])(
    'are there where a trial can branch from them, and no more than said: %i stages of %j, %i seeds',
    (stages, candidates, maxSeeds) => {
      for (let seed = 0; seed < 100; seed++) {
        const overlap = seed % 2 ? 'cheaper' : 'mean';
        const problem: Problem = { algorithm, stages, candidates, tolerance: 0, seeds: 1, maxSeeds, overlap };
        const { could, did, most, left } = heldOf(problem, seed);
        expect(did).toBe(could);
        expect(most).toBeLessThanOrEqual(mostNeeded(problem));
        expect(left).toBe(0);
      }
    },
  );
});

it('are only those of the decided stages and of one more, each kept once', () => {
  const problem: Problem = {
    ...{ algorithm: 2, stages: 3, candidates: [16, 24, 32] },
    ...{ tolerance: 0, seeds: 1, maxSeeds: 1, overlap: 'cheaper' },
  };
  const next = { wanted: [{ subject: [16, 32], seeds: 1 }], chosen: [16, 32, 32], decided: 1 };
  const states = [[16], [24], [32], [16, 16], [16, 24], [16, 16, 16]].map((beginning) => ({ beginning, seed: 0 }));
  expect(neededStates(problem, next, states).map(({ beginning }) => beginning)).toEqual([[16], [16, 16], [16, 24]]);
});
