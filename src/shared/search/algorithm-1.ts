import { intervalOf, mayReach } from './interval';
import { EPSILON, type Known, type Measured, type Next, type Problem, type Schedule, type Wanted } from './problem';

/** `wanted`: the measurements that are needed before it is decided. */
type Verdict = { passes: boolean } | { wanted: Wanted[] };

/**
 * Says whether the trial can't be told apart from the baseline less the tolerance: their intervals overlap, or, where
 * the means are to decide, the trial's interval holds the baseline's mean.
 */
function isUnclear({ tolerance, overlap: rule }: Problem, trial: Measured, baseline: Measured): boolean {
  if (rule === 'cheaper') return mayReach(trial, baseline, tolerance) && mayReach(baseline, trial, -tolerance);
  const [low, high] = intervalOf(trial);
  const least = baseline.top1 - tolerance;
  return low <= least && least <= high;
}

/**
 * Says whether a schedule is as accurate as the baseline, less the tolerance. Where the two can't be told apart, both
 * get another seed as long as `maxSeeds` allows. Then the cheaper one is taken, which is the trial, or the means
 * decide.
 */
function judge(problem: Problem, known: Known, trial: Schedule): Verdict {
  const { tolerance, seeds, maxSeeds, overlap: rule } = problem;
  const measured = known(trial);
  if (!measured || measured.seeds < seeds) return { wanted: [{ subject: trial, seeds }] };
  const baseline = known(null) as Measured;
  if (baseline.seeds < measured.seeds) return { wanted: [{ subject: null, seeds: measured.seeds }] };
  const unclear = isUnclear(problem, measured, baseline);
  if (unclear && measured.seeds < maxSeeds) return { wanted: [{ subject: trial, seeds: measured.seeds + 1 }] };
  if (unclear && rule === 'cheaper') return { passes: true };
  return { passes: measured.top1 >= baseline.top1 - tolerance - EPSILON };
}

/**
 * Implements EfficientTrain's search (ICCV 2023, algorithm 1). All stages begin at the final size. From the last stage
 * but one backwards, it finds the smallest bandwidth that stages 1 to i can share, with the later ones fixed and an
 * accuracy not below the baseline's. Candidates are tried in ascending order, so the first that passes is the smallest,
 * whether or not accuracy grows with bandwidth.
 */
export function nextOfAlgorithm1(problem: Problem, known: Known): Next {
  const { stages, candidates, seeds } = problem;
  const final = candidates.at(-1) as number;
  let schedule: Schedule = Array<number>(stages).fill(final);
  const baseline = known(null);
  if (!baseline || baseline.seeds < seeds) return { wanted: [{ subject: null, seeds }], chosen: null, decided: 0 };
  for (let shared = stages - 1; shared >= 1; shared--) {
    for (const bandwidth of candidates) {
      if (bandwidth >= (schedule[shared - 1] as number)) break;
      const trial = [...Array<number>(shared).fill(bandwidth), ...schedule.slice(shared)];
      const verdict = judge(problem, known, trial);
      if ('wanted' in verdict) return { wanted: verdict.wanted, chosen: schedule, decided: stages - shared };
      if (!verdict.passes) continue;
      schedule = trial;
      break;
    }
  }
  return { wanted: [], chosen: schedule, decided: stages };
}
