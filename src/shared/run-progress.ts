/**
 * How far a run is. One number for everywhere: the share of its compute, which its time goes by; steps are told as a
 * count only.
 */
export interface RunPlace {
  step: number;
  steps: number;
  /** [bandwidth, magnitude or null, share of compute] of each stage. */
  stages: readonly (readonly [number, number | null, number])[];
  /** Last step of each stage. */
  stage_ends: readonly number[];
}

/** Share of the compute that is done after `step`, 0 to 1. */
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

/** Shares of compute at which the stages end that another follows. */
export function stageTicks({ stages }: Pick<RunPlace, 'stages'>): number[] {
  let done = 0;
  return stages.slice(0, -1).map(([, , share]) => (done += share));
}
