/** What a stage's steps wait for, from where their time went. */
export interface TimeSpent {
  /** From step to step, evaluations and checkpoints left out. */
  seconds: number;
  compute_seconds: number;
  /** In which the device waited for images. */
  loader_seconds: number;
}

export interface Bottleneck {
  by: 'device' | 'loader';
  /** Share of the time in which the device waited for images. */
  waiting: number;
  /** What would help: more workers, less work for them, or nothing about loading. */
  advice: 'more_workers' | 'less_loading' | 'device';
}

/** Less waiting than this is a step's own raggedness. */
const NOTICEABLE = 0.05;

/** @param workers that load  @param cores of the machine  @returns null before there is anything to tell from */
export function bottleneckOf(stages: readonly TimeSpent[], workers: number, cores: number): Bottleneck | null {
  const sum = (part: keyof TimeSpent): number => stages.reduce((total, stage) => total + stage[part], 0);
  const seconds = sum('seconds');
  if (seconds <= 0) return null;
  const waiting = Math.min(sum('loader_seconds') / seconds, 1);
  if (waiting < NOTICEABLE) return { by: 'device', waiting, advice: 'device' };
  return { by: 'loader', waiting, advice: workers < cores ? 'more_workers' : 'less_loading' };
}
