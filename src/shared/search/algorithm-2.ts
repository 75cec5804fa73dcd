import { overlap } from './interval';
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
 * Picks one of a stage's candidates, or returns the measurements that are needed first. The best is the one of the
 * highest mean; where the intervals of others overlap its own, each of them gets another seed as long as `maxSeeds`
 * allows. Of those that then still overlap and whose mean is within the tolerance of the best's, the smallest bandwidth
 * is picked: a pass costs least there, and it leaves later stages the widest choice.
 */
function pick(
  { tolerance, maxSeeds }: Problem,
  candidates: readonly Candidate[],
): { bandwidth: number } | { wanted: Wanted[] } {
  const best = highest(candidates);
  const close = candidates.filter((candidate) => candidate === best || overlap(candidate.measured, best.measured));
  const fewest = Math.min(...close.map(({ measured }) => measured.seeds));
  if (close.length > 1 && fewest < maxSeeds) {
    const behind = close.filter(({ measured }) => measured.seeds === fewest);
    return { wanted: behind.map(({ trial }) => ({ subject: trial, seeds: fewest + 1 })) };
  }
  const equal = close.filter(({ measured }) => measured.top1 >= best.measured.top1 - tolerance - EPSILON);
  return { bandwidth: Math.min(...equal.map(({ bandwidth }) => bandwidth)) };
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
