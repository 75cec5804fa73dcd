import { mayReach, overlap } from './interval';
import { EPSILON, type Known, type Measured, type Next, type Problem, type Schedule, type Wanted } from './problem';

interface Candidate {
  trial: Schedule;
  bandwidth: number;
  measured: Measured;
}

/** Returns the candidate of the highest mean. */
const highest = (candidates: readonly Candidate[]): Candidate =>
  candidates.reduce((found, next) => (next.measured.top1 > found.measured.top1 + EPSILON ? next : found));

/**
 * Returns the cheapest of candidates that count as equal: the smallest bandwidth, at which a pass costs least. In the
 * last stage it is the largest, because a schedule that ends below the final size has the accuracy that was measured
 * only with the fine-tuning, which is not a part of it.
 */
function cheapest({ stages }: Problem, candidates: readonly Candidate[]): number {
  const bandwidths = candidates.map(({ bandwidth }) => bandwidth);
  return candidates[0]?.trial.length === stages ? Math.max(...bandwidths) : Math.min(...bandwidths);
}

/** Returns the smallest bandwidth of those within the tolerance of the highest mean. */
function withinTolerance({ tolerance }: Problem, candidates: readonly Candidate[], best: Candidate): number {
  const equal = candidates.filter(({ measured }) => measured.top1 >= best.measured.top1 - tolerance - EPSILON);
  return Math.min(...equal.map(({ bandwidth }) => bandwidth));
}

/**
 * Picks one of a stage's candidates, or returns the measurements that are needed first. The best is the one of the
 * highest mean; where the intervals of others overlap its own, each of them gets another seed as long as `maxSeeds`
 * allows. Of those that then still overlap the cheapest is picked; where the means are to decide, the smallest
 * bandwidth of those whose mean is within the tolerance of the best's.
 */
function pick(problem: Problem, candidates: readonly Candidate[]): { bandwidth: number } | { wanted: Wanted[] } {
  const { tolerance, maxSeeds, overlap: rule } = problem;
  const best = highest(candidates);
  const close = candidates.filter(({ measured }) =>
    rule === 'cheaper' ? mayReach(measured, best.measured, tolerance) : overlap(measured, best.measured),
  );
  const fewest = Math.min(...close.map(({ measured }) => measured.seeds));
  if (close.length > 1 && fewest < maxSeeds) {
    const behind = close.filter(({ measured }) => measured.seeds === fewest);
    return { wanted: behind.map(({ trial }) => ({ subject: trial, seeds: fewest + 1 })) };
  }
  return { bandwidth: rule === 'cheaper' ? cheapest(problem, close) : withinTolerance(problem, close, best) };
}

/**
 * Implements EfficientTrain++'s search (TPAMI 2024, algorithm 2), which is constrained by compute: it decides stages of
 * equal compute in order from the first. Each candidate not below the stage before is trained from the checkpoint of
 * the stages chosen so far and fine-tuned at the final size, and the most accurate is kept. A stage with one candidate
 * left needs no trial. The best schedule so far has the decided stages, the most accurate candidate of the next one,
 * and then the final size.
 */
export function nextOfAlgorithm2(problem: Problem, known: Known): Next {
  const { stages, candidates, seeds } = problem;
  const final = candidates.at(-1) as number;
  const prefix: number[] = [];
  const best = (measured: readonly Candidate[]): Schedule | null => {
    const first = measured.length ? [...prefix, highest(measured).bandwidth] : prefix;
    return first.length ? [...first, ...Array<number>(stages - first.length).fill(final)] : null;
  };
  const baseline = known(null);
  if (!baseline || baseline.seeds < seeds) return { wanted: [{ subject: null, seeds }], chosen: null, decided: 0 };
  while (prefix.length < stages) {
    const allowed = candidates.filter((bandwidth) => bandwidth >= (prefix.at(-1) ?? 0));
    if (allowed.length === 1) {
      prefix.push(allowed[0] as number);
      continue;
    }
    const trials = allowed.map((bandwidth) => ({ bandwidth, trial: [...prefix, bandwidth] }));
    const measured = trials.flatMap(({ trial, bandwidth }): Candidate[] => {
      const found = known(trial);
      return found && found.seeds >= seeds ? [{ trial, bandwidth, measured: found }] : [];
    });
    const missing = trials.filter(({ trial }) => !measured.some((candidate) => candidate.trial === trial));
    if (missing.length) {
      const wanted = missing.map(({ trial }) => ({ subject: trial, seeds }));
      return { wanted, chosen: best(measured), decided: prefix.length };
    }
    const picked = pick(problem, measured);
    if ('wanted' in picked) return { wanted: picked.wanted, chosen: best(measured), decided: prefix.length };
    prefix.push(picked.bandwidth);
  }
  return { wanted: [], chosen: prefix, decided: stages };
}
