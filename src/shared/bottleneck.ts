/** Finds the bottleneck of a stage's steps from their times. */
export interface TimeSpent {
  /** Seconds from step to step, without evaluations and checkpoints. */
  seconds: number;
  compute_seconds: number;
  /** Seconds in which the device waited for images. */
  loader_seconds: number;
}

export interface Bottleneck {
  by: 'device' | 'loader';
  /** Share of the time in which the device waited for images. */
  waiting: number;
  /** Remedy: more workers, less work for them, or nothing about loading. */
  advice: 'more_workers' | 'less_loading' | 'device';
}

/** A smaller share of waiting is a step's own fluctuation. */
const NOTICEABLE = 0.05;

/**
 * Finds the bottleneck. @param workers that load @param cores of the machine @returns null before there are any steps
 */
export function bottleneckOf(stages: readonly TimeSpent[], workers: number, cores: number): Bottleneck | null {
  const sum = (part: keyof TimeSpent): number => stages.reduce((total, stage) => total + stage[part], 0);
  const seconds = sum('seconds');
  if (seconds <= 0) return null;
  const waiting = Math.min(sum('loader_seconds') / seconds, 1);
  if (waiting < NOTICEABLE) return { by: 'device', waiting, advice: 'device' };
  return { by: 'loader', waiting, advice: workers < cores ? 'more_workers' : 'less_loading' };
}
