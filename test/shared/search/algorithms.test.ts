import { describe, expect, it } from 'vitest';
import { rngOf } from '../../../src/shared/random';
import { nextTrials } from '../../../src/shared/search/next';
import { intervalOf } from '../../../src/shared/search/interval';
import { mostToCome, schedulePrice, subjectPrice, type Prices } from '../../../src/shared/search/price';
import type { Measured, Problem, Schedule, Subject } from '../../../src/shared/search/problem';

const CANDIDATES = [16, 24, 32];

const problemOf = (algorithm: 1 | 2, more: Partial<Problem> = {}): Problem => ({
  ...{ algorithm, stages: 3, candidates: CANDIDATES, tolerance: 0, seeds: 1, maxSeeds: 1, overlap: 'cheaper' },
  ...more,
});

/** Returns the accuracy of a subject with a seed. */
type Oracle = (subject: Subject, seed: number) => number;

interface Ended {
  chosen: Schedule;
  made: Map<string, Measured>;
  /** Number of all trainings, one for each seed. */
  trainings: number;
}

/** Makes the requested trials, one at a time, until none is left. */
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

/** Returns every sequence of this many candidates. */
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
      // The definition needs no order of trials: it is the smallest of all candidates that pass.
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

  it('gives trial and baseline another seed where it is too close to call, whatever decides then', () => {
    const oracle: Oracle = (subject, seed) => (subject === null ? 0.8 : seed === 0 ? 0.79 : 0.82);
    for (const overlap of ['cheaper', 'mean'] as const) {
      const few = search(problemOf(1, { maxSeeds: 3, overlap }), oracle, 500);
      expect(few.chosen).toEqual([16, 16, 32]);
      expect(few.made.get('null')?.seeds).toBe(3);
      expect(few.made.get('[16,16,32]')?.seeds).toBe(3);
    }
    // With many images the first seed decides.
    const many = search(problemOf(1, { maxSeeds: 3 }), oracle);
    expect(many.chosen).toEqual([32, 32, 32]);
    expect(many.made.get('null')?.seeds).toBe(1);
  });

  it('takes the cheaper one where the intervals overlap, and the mean only where it is asked for', () => {
    // With 500 images an interval reaches 3.5 points below 0.8 and 3.6 points above 0.76, but 3.8 above 0.7.
    const at =
      (top1: number): Oracle =>
      (subject) =>
        subject === null ? 0.8 : top1;
    expect(search(problemOf(1), at(0.76), 500).chosen).toEqual([16, 16, 32]);
    expect(search(problemOf(1), at(0.7), 500).chosen).toEqual([32, 32, 32]);
    expect(search(problemOf(1, { overlap: 'mean' }), at(0.76), 500).chosen).toEqual([32, 32, 32]);
    expect(search(problemOf(1, { overlap: 'mean' }), at(0.8), 500).chosen).toEqual([16, 16, 32]);
    // The tolerance is added to what noise allows.
    expect(search(problemOf(1, { tolerance: 0.05 }), at(0.7), 500).chosen).toEqual([16, 16, 32]);
  });

  it('asks for no further seed where the trial is clearly better', () => {
    const oracle: Oracle = (subject) => (subject === null ? 0.5 : 0.9);
    for (const tolerance of [0, 0.3]) {
      const { made, chosen } = search(problemOf(1, { maxSeeds: 3, tolerance }), oracle, 500);
      expect(chosen).toEqual([16, 16, 32]);
      expect(made.get('[16,16,32]')?.seeds).toBe(1);
    }
  });
});

describe('algorithm 2', () => {
  /** Each stage has one best bandwidth. */
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

  it('gives those that are too close to call more seeds, then takes the highest mean if it is asked for', () => {
    const oracle: Oracle = (subject, seed) => {
      const side = subject?.at(-1);
      return side === 16 ? 0.3 : side === 24 ? 0.6 + 0.01 * seed : 0.605;
    };
    const problem = problemOf(2, { overlap: 'mean' });
    const { chosen, made } = search({ ...problem, maxSeeds: 3 }, oracle, 1000);
    expect(made.get('[16]')?.seeds).toBe(1);
    expect(made.get('[24]')?.seeds).toBe(3);
    expect(made.get('[32]')?.seeds).toBe(3);
    expect(chosen).toEqual([24, 24, 24]);
    expect(search(problem, oracle, 1000).chosen).toEqual([32, 32, 32]);
  });

  it('takes the cheaper one where the intervals overlap: the smallest, and in the last stage the largest', () => {
    // With 1000 images an interval reaches 3 points to either side.
    const oracle: Oracle = (subject) => {
      const side = subject?.at(-1);
      return side === 16 ? 0.5 : side === 24 ? 0.58 : 0.6;
    };
    const { chosen, made } = search(problemOf(2), oracle, 1000);
    expect(chosen).toEqual([24, 24, 32]);
    expect([...made.values()].every(({ seeds }) => seeds === 1)).toBe(true);
    // With more seeds the intervals come apart, and the best is taken.
    const more = search(problemOf(2, { maxSeeds: 20 }), oracle, 1000);
    expect(more.chosen).toEqual([32, 32, 32]);
    expect(more.made.get('[16]')?.seeds).toBe(1);
    expect(more.made.get('[24]')?.seeds).toBeGreaterThan(1);
    // A smaller one of the last stage is taken where it is clearly better.
    const last: Oracle = (subject) => (subject?.length === 3 ? (subject[2] === 24 ? 0.9 : 0.5) : oracle(subject, 0));
    expect(search(problemOf(2), last, 1000).chosen).toEqual([24, 24, 24]);
  });

  it('never takes one whose interval lies below the best one’s by more than the tolerance', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = rngOf(seed);
      const values = new Map<string, number>();
      const oracle: Oracle = (subject) => {
        const key = JSON.stringify(subject);
        if (!values.has(key)) values.set(key, 0.5 + 0.2 * rng.uniform());
        return values.get(key) as number;
      };
      const tolerance = seed % 2 ? 0.02 : 0;
      const { chosen, made } = search(problemOf(2, { tolerance }), oracle, 400);
      chosen.forEach((bandwidth, stage) => {
        const tried = CANDIDATES.flatMap((side) => {
          const measured = made.get(JSON.stringify([...chosen.slice(0, stage), side]));
          return measured ? [{ side, measured }] : [];
        });
        const best = tried.toSorted((a, b) => b.measured.top1 - a.measured.top1)[0]?.measured;
        if (!best) return;
        const equal = tried.filter(({ measured }) => intervalOf(measured)[1] + tolerance >= intervalOf(best)[0]);
        const sides = equal.map(({ side }) => side);
        expect(bandwidth).toBe(stage === 2 ? Math.max(...sides) : Math.min(...sides));
      });
    }
  });

  it('takes the smallest of those that differ by no more than the tolerance, if the difference is within the noise', () => {
    const oracle: Oracle = (subject) => 0.6 + (subject?.at(-1) ?? 0) / 10_000;
    const problem = problemOf(2, { tolerance: 0.01, overlap: 'mean' });
    expect(search(problem, oracle, 500).chosen).toEqual([16, 16, 16]);
    expect(search(problem, oracle).chosen).toEqual([32, 32, 32]);
    // Where the cheaper one is taken, the tolerance is added to the noise.
    expect(search({ ...problem, overlap: 'cheaper' }, oracle).chosen).toEqual([16, 16, 32]);
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
        const subjects = [...made.keys()].map((key) => JSON.parse(key) as Subject);
        const schedules = (until: number): Schedule[] => subjects.slice(0, until).filter((subject) => subject !== null);
        const spent = subjects.map((subject, at) => subjectPrice(problem, prices, subject, schedules(at)));
        for (let at = 0; at <= subjects.length; at++) {
          const known = new Set(subjects.slice(0, at).map((subject) => JSON.stringify(subject)));
          const knownThen = (subject: Subject): Measured | null => {
            const key = JSON.stringify(subject);
            return known.has(key) ? (made.get(key) ?? null) : null;
          };
          const toCome = mostToCome(problem, prices, knownThen, schedules(at));
          const came = spent.slice(at).reduce((sum, epochs) => sum + epochs, 0);
          expect(toCome.epochs).toBeGreaterThanOrEqual(came - 1e-9);
          if (at === subjects.length) expect(toCome).toEqual({ trials: 0, epochs: 0 });
        }
      }
    }
  });
});
