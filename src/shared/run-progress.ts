/**
 * A run's progress. One number is used everywhere: the share of its compute, which is proportional to its time; steps
 * are shown as a count only.
 */
export interface RunPlace {
  step: number;
  steps: number;
  /** Each stage as [bandwidth, magnitude or null, share of compute]. */
  stages: readonly (readonly [number, number | null, number])[];
  /** Last step of each stage. */
  stage_ends: readonly number[];
}

/** Returns the share of the compute that is done after `step`, 0 to 1. */
export function shareDone({ step, steps, stages, stage_ends }: RunPlace): number {
  let [done, first] = [0, 0];
  for (const [index, end] of stage_ends.entries()) {
    const share = stages[index]?.[2] ?? 0;
    if (step < end) return done + (end > first ? (share * Math.max(step - first, 0)) / (end - first) : 0);
    done += share;
    first = end;
  }
  return step >= steps && steps > 0 ? 1 : Math.min(done, 1);
}

/** Returns the shares of compute at which the stages end, except the last. */
export function stageTicks({ stages }: Pick<RunPlace, 'stages'>): number[] {
  let done = 0;
  return stages.slice(0, -1).map(([, , share]) => (done += share));
}
