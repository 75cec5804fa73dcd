import type { RunSummary } from './contract/runs';

/** How far a run is: by compute where its trainer tells, which is what its time goes by; else by steps. */
export function shareDone({ progress, step, steps }: Pick<RunSummary, 'progress' | 'step' | 'steps'>): number {
  if (progress && progress.compute > 0) return progress.compute;
  return steps > 0 ? step / steps : 0;
}
