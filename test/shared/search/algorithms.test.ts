import { describe, expect, it } from 'vitest';
import { rngOf } from '../../../src/shared/random';
import { nextTrials } from '../../../src/shared/search/next';
import { mostToCome, schedulePrice, subjectPrice, type Prices } from '../../../src/shared/search/price';
import type { Measured, Problem, Schedule, Subject } from '../../../src/shared/search/problem';

const CANDIDATES = [16, 24, 32];

const problemOf = (algorithm: 1 | 2, more: Partial<Problem> = {}): Problem => ({
  ...{ algorithm, stages: 3, candidates: CANDIDATES, tolerance: 0, seeds: 1, maxSeeds: 1 },
  ...more,
});

/** Accuracy of a subject with a seed. */
type Oracle = (subject: Subject, seed: number) => number;

interface Ended {
  chosen: Schedule;
  made: Map<string, Measured>;
  /** Trainings in all, one for each seed. */
  trainings: number;
}

/** Makes what is asked for, one trial at a time, until nothing is. */
function search(problem: Problem, oracle: Oracle, n = 1e9): Ended {
  const made = new Map<string, Measured>();
  const known = (subject: Subject): Measured | null => made.get(JSON.stringify(subject)) ?? null;
  for (let trainings = 0; ;) {
    const { wanted, chosen } = nextTrials(problem, known);
    const [first] = wanted;
    if (!first) return { chosen: chosen as Schedule, made, trainings };
    trainings += first.seeds - (known(first.subject)?.seeds ?? 0);
    const values = Array.from({ length: first.seeds }, (_, seed) => oracle(first.subject, seed));
    const top1 = values.reduce((sum, value) => sum + value, 0) / values.length;
    made.set(JSON.stringify(first.subject), { top1, n, seeds: first.seeds });
  }
}

/** Every sequence of so many candidates. */
const allSchedules = (stages: number, candidates: readonly number[]): Schedule[] =>
  stages === 0
    ? [[]]
    : allSchedules(stages - 1, candidates).flatMap((head) => candidates.map((side) => [...head, side]));

const isRising = (schedule: Schedule): boolean =>
  schedule.every((side, stage) => stage === 0 || side >= (schedule[stage - 1] as number));

describe('algorithm 1', () => {
  it('takes what its definition takes, over all candidates, for any accuracies', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = rngOf(seed);
      const table = new Map(allSchedules(3, CANDIDATES).map((schedule) => [schedule.join(), rng.uniform()]));
      const oracle: Oracle = (subject) => (subject === null ? 0.5 : (table.get(subject.join()) as number));
      // The definition, without an order of trials: of all candidates that pass, the smallest.
      let expected: Schedule = [32, 32, 32];
      for (const shared of [2, 1]) {
        const passing = CANDIDATES.filter((side) => side < (expected[shared - 1] as number))
          .map((side) => [...Array<number>(shared).fill(side), ...expected.slice(shared)])
          .filter((schedule) => oracle(schedule, 0) >= 0.5);
        expected = passing[0] ?? expected;
      }
      expect(search(problemOf(1), oracle).chosen).toEqual(expected);
    }
  });

  it('is the cheapest of all rising schedules that keep the accuracy, where each stage needs some bandwidth', () => {
    const prices: Prices = { baseline: 10, size: 32, length: 10, finetune: 0 };
    for (const needs of allSchedules(2, CANDIDATES).filter(isRising)) {
      const oracle: Oracle = (subject) =>
        subject === null || subject.every((side, stage) => side >= (needs[stage] ?? 32)) ? 0.8 : 0.7;
      const problem = problemOf(1);
      const cheapest = allSchedules(3, CANDIDATES)
        .filter((schedule) => isRising(schedule) && oracle(schedule, 0) >= 0.8)
        .sort((a, b) => schedulePrice(problem, prices, a) - schedulePrice(problem, prices, b))[0];
      const { chosen, trainings } = search(problem, oracle);
      expect(chosen).toEqual(cheapest);
      expect(trainings).toBeLessThanOrEqual(5);
    }
  });

  it('allows for the tolerance', () => {
    const oracle: Oracle = (subject) => (subject === null ? 0.8 : 0.79);
    expect(search(problemOf(1), oracle).chosen).toEqual([32, 32, 32]);
    expect(search(problemOf(1, { tolerance: 0.01 }), oracle).chosen).toEqual([16, 16, 32]);
  });

  it('gives trial and baseline another seed where it is too close to call', () => {
    const oracle: Oracle = (subject, seed) => (subject === null ? 0.8 : seed === 0 ? 0.79 : 0.82);
    const few = search(problemOf(1, { maxSeeds: 3 }), oracle, 500);
    expect(few.chosen).toEqual([16, 16, 32]);
    expect(few.made.get('null')?.seeds).toBe(3);
    expect(few.made.get('[16,16,32]')?.seeds).toBe(3);
    // With many images the first seed is clear.
    const many = search(problemOf(1, { maxSeeds: 3 }), oracle);
    expect(many.chosen).toEqual([32, 32, 32]);
    expect(many.made.get('null')?.seeds).toBe(1);
  });
});

describe('algorithm 2', () => {
  /** Each stage has a bandwidth that is best for it. */
  const peaked =
    (best: Schedule): Oracle =>
    (subject) =>
      subject === null
        ? 0.5
        : 0.9 - subject.reduce((sum, side, stage) => sum + Math.abs(side - (best[stage] as number)), 0) / 1000;

  it('is the best of all rising schedules, where what is best for a stage does not depend on the others', () => {
    for (const best of allSchedules(3, CANDIDATES).filter(isRising)) {
      const oracle = peaked(best);
      const brute = allSchedules(3, CANDIDATES)
        .filter(isRising)
        .sort((a, b) => oracle(b, 0) - oracle(a, 0))[0];
      const { chosen } = search(problemOf(2), oracle);
      expect(chosen).toEqual(brute);
      expect(chosen).toEqual(best);
    }
  });

  it('tries no bandwidth below that of the stage before, and nothing where one is left', () => {
    const { made, trainings } = search(problemOf(2), peaked([24, 32, 32]));
    expect([...made.keys()]).toEqual(['null', '[16]', '[24]', '[32]', '[24,24]', '[24,32]']);
    expect(trainings).toBe(6);
    const { made: all } = search(problemOf(2), peaked([32, 32, 32]));
    expect([...all.keys()]).toEqual(['null', '[16]', '[24]', '[32]']);
  });

  it('gives those that are too close to call more seeds, then takes the highest mean', () => {
    const oracle: Oracle = (subject, seed) => {
      const side = subject?.at(-1);
      return side === 16 ? 0.3 : side === 24 ? 0.6 + 0.01 * seed : 0.605;
    };
    const { chosen, made } = search(problemOf(2, { maxSeeds: 3 }), oracle, 1000);
    expect(made.get('[16]')?.seeds).toBe(1);
    expect(made.get('[24]')?.seeds).toBe(3);
    expect(made.get('[32]')?.seeds).toBe(3);
    expect(chosen).toEqual([24, 24, 24]);
    expect(search(problemOf(2), oracle, 1000).chosen).toEqual([32, 32, 32]);
  });

  it('takes the smallest of those that differ by no more than the tolerance, if the difference is within the noise', () => {
    const oracle: Oracle = (subject) => 0.6 + (subject?.at(-1) ?? 0) / 10_000;
    expect(search(problemOf(2, { tolerance: 0.01 }), oracle, 500).chosen).toEqual([16, 16, 16]);
    expect(search(problemOf(2, { tolerance: 0.01 }), oracle).chosen).toEqual([32, 32, 32]);
  });

  it('has a whole schedule to show as soon as a trial is measured', () => {
    const known = (subject: Subject): Measured | null =>
      subject === null || subject.length === 1 ? { top1: subject?.[0] === 24 ? 0.9 : 0.5, n: 1e9, seeds: 1 } : null;
    expect(nextTrials(problemOf(2), known)).toMatchObject({ chosen: [24, 32, 32], decided: 1 });
    const few = (subject: Subject): Measured | null =>
      subject?.[0] === 32 || (subject?.length ?? 0) > 1
        ? null
        : { top1: subject?.[0] === 16 ? 0.6 : 0.5, n: 9, seeds: 1 };
    expect(nextTrials(problemOf(2), few)).toMatchObject({ chosen: [16, 32, 32], decided: 0 });
    expect(nextTrials(problemOf(2), () => null)).toMatchObject({ chosen: null, decided: 0 });
  });
});

describe('prices', () => {
  const prices: Prices = { baseline: 12, size: 32, length: 12, finetune: 1 };

  it('are of the stages that no trial before has trained', () => {
    const problem = problemOf(1);
    expect(subjectPrice(problem, { ...prices, finetune: 0 }, [16, 16, 32], [])).toBe(4 * (0.25 + 0.25 + 1));
    expect(subjectPrice(problem, { ...prices, finetune: 0 }, [16, 32, 32], [[16, 16, 32]])).toBe(8);
    expect(subjectPrice(problemOf(2), prices, [16, 24], [[16], [16, 16]])).toBe(5);
    expect(subjectPrice(problemOf(2), prices, null, [])).toBe(12);
  });

  it('to come are never less than what comes', () => {
    for (const algorithm of [1, 2] as const) {
      for (let seed = 0; seed < 50; seed++) {
        const rng = rngOf(seed);
        const table = new Map<string, number>();
        const oracle: Oracle = (subject) => {
          const key = JSON.stringify(subject);
          if (!table.has(key)) table.set(key, rng.uniform());
          return table.get(key) as number;
        };
        const problem = problemOf(algorithm);
        const { made } = search(problem, oracle);
        const trained: Schedule[] = [];
        let spent = 0;
        for (const key of made.keys()) {
          const subject = JSON.parse(key) as Subject;
          spent += subjectPrice(problem, prices, subject, trained);
          if (subject) trained.push(subject);
        }
        expect(mostToCome(problem, prices, () => null, []).epochs).toBeGreaterThanOrEqual(spent - 1e-9);
        expect(mostToCome(problem, prices, (subject) => made.get(JSON.stringify(subject)) ?? null, trained)).toEqual({
          trials: 0,
          epochs: 0,
        });
      }
    }
  });
});
