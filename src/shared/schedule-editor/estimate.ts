/** Estimates the time of a plan from speeds that were measured on this machine. */
import type { Plan } from '../curriculum/plan';

/** The measured speed of training steps. */
export interface Rate {
  bandwidth: number;
  batch: number;
  /** Seconds per image, without waiting for the loader. */
  seconds: number;
  /** Seconds in which the loader prepares an image where it was what steps waited for; 0: it kept nobody waiting. */
  load: number;
}

/**
 * Seconds in which the loader prepares an image, as far as it is known. It prepares images at the final size whatever
 * B is, so any stage that waited for it tells.
 */
export const knownLoad = (rates: readonly Rate[]): number => rates.find(({ load }) => load > 0)?.load ?? 0;

export interface Estimate {
  /** Seconds of each stage; null where nothing is known. */
  stages: (number | null)[];
  total: number | null;
  /** Whether every stage's speed was measured at its own size and batch. */
  measured: boolean;
}

/** Uses the same size and batch, else the nearest size of the model, scaled by multiply-adds. */
function secondsPerImage(
  bandwidth: number,
  batch: number,
  rates: readonly Rate[],
  macs: (size: number) => number,
): { seconds: number; measured: boolean } | null {
  const exact = rates.find((rate) => rate.bandwidth === bandwidth && rate.batch === batch);
  if (exact) return { seconds: exact.seconds, measured: true };
  const distance = (rate: Rate): number =>
    Math.abs(Math.log(macs(rate.bandwidth) / macs(bandwidth))) + 0.1 * Math.abs(Math.log(rate.batch / batch));
  const [nearest] = [...rates].sort((a, b) => distance(a) - distance(b));
  if (!nearest) return null;
  return { seconds: (nearest.seconds * macs(bandwidth)) / macs(nearest.bandwidth), measured: false };
}

/**
 * Loading runs beside the steps, so the slower of the two decides. Of `replay_times` images that train one is prepared.
 */
export function estimate(
  { stages }: Pick<Plan, 'stages'>,
  rates: readonly Rate[],
  macs: (size: number) => number,
): Estimate {
  const found = stages.map(({ bandwidth, batch }) => secondsPerImage(bandwidth, batch, rates, macs));
  const load = knownLoad(rates);
  const seconds = stages.map(({ images, replay_times }, index) => {
    const rate = found[index];
    return rate ? Math.max(rate.seconds, load / replay_times) * images : null;
  });
  return {
    stages: seconds,
    total: seconds.includes(null) ? null : (seconds as number[]).reduce((sum, value) => sum + value, 0),
    measured: found.every((rate) => rate?.measured === true),
  };
}
