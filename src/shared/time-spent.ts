/** Splits a run's time beside its compute, to explain why less compute can take more time. Pure. */

export interface StageTime {
  bandwidth: number;
  /** Seconds from step to step, without evaluations and checkpoints. */
  seconds: number;
  compute_seconds: number;
  loader_seconds: number;
  images: number;
}

export interface StageSpent {
  /** Seconds that the stage's compute would take at the speed of the run's largest size. */
  ideal: number;
  /** The device's time beyond that: small sizes use it less fully, and first steps build what later ones use. */
  small_size: number;
  /** Seconds in which the device waited for images. */
  loader: number;
  /** The remaining seconds between steps. */
  other: number;
}

export interface TimeSpent extends StageSpent {
  /** Seconds without pauses. */
  total: number;
  /** Seconds outside of steps: start-up, evaluations and checkpoints. */
  outside: number;
}

/**
 * Returns the seconds of device time for the compute of one image at the final size, measured at the largest size that
 * has trained.
 */
function idealRate(stages: readonly StageTime[], size: number): number {
  const trained = stages.filter(({ images }) => images > 0);
  const largest = Math.max(...trained.map(({ bandwidth }) => bandwidth));
  const full = trained.filter(({ bandwidth }) => bandwidth === largest);
  const images = full.reduce((sum, stage) => sum + stage.images, 0);
  return full.reduce((sum, stage) => sum + stage.compute_seconds, 0) / (images * (largest / size) ** 2);
}

/** Returns the split of each stage; zeros before it has a step. */
export function stagesSpent(stages: readonly StageTime[], size: number): StageSpent[] {
  const rate = idealRate(stages, size);
  return stages.map(({ bandwidth, seconds, compute_seconds, loader_seconds, images }) => {
    if (images <= 0) return { ideal: 0, small_size: 0, loader: 0, other: 0 };
    const ideal = Math.min(rate * images * (bandwidth / size) ** 2, compute_seconds);
    const loader = Math.min(loader_seconds, Math.max(seconds - compute_seconds, 0));
    return {
      ideal,
      small_size: compute_seconds - ideal,
      loader,
      other: Math.max(seconds - compute_seconds - loader, 0),
    };
  });
}

/** Splits the time of a run. @param total the run's seconds without pauses  @returns null before the first step */
export function timeSpent(stages: readonly StageTime[], size: number, total: number): TimeSpent | null {
  if (stages.every(({ images }) => images <= 0)) return null;
  const spent = stagesSpent(stages, size);
  const sum = (part: keyof StageSpent): number => spent.reduce((all, stage) => all + stage[part], 0);
  const steps = stages.reduce((all, { seconds }) => all + seconds, 0);
  return {
    ...{ ideal: sum('ideal'), small_size: sum('small_size'), loader: sum('loader'), other: sum('other') },
    ...{ total: Math.max(total, steps), outside: Math.max(total - steps, 0) },
  };
}

/** Returns the seconds that no compute explains. */
export const overheadOf = ({ total, ideal }: Pick<TimeSpent, 'total' | 'ideal'>): number => total - ideal;
