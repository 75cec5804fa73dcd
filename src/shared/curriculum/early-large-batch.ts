/**
 * Early large batch (Wang et al., TPAMI 2024): stages at a small bandwidth take a larger batch, which keeps the device
 * as busy as the final size does. plan.ts (`learningRateAt`) has its effect on the learning rate.
 */
import { batchMultiple, type BatchRule } from './stages';

/** Tensor cores and vector units work best with multiples of eight. */
const EIGHT = 8;

interface Stage {
  bandwidth: number;
  replay_times: number;
}

/**
 * Returns the batch of each stage: the largest that fits, but no larger than makes a step cost what one costs at the
 * final size, batch * (size / B)^2. Beyond that the device gets no busier, and there are only fewer steps. It is never
 * smaller than the run's.
 * @param fits returns how many images fit at a bandwidth
 */
export function earlyLargeBatches(
  stages: readonly Stage[],
  size: number,
  { batch, parts }: BatchRule,
  fits: (bandwidth: number) => number,
): number[] {
  return stages.map(({ bandwidth, replay_times }) => {
    const most = Math.min(Math.floor(batch * (size / bandwidth) ** 2 + 1e-9), fits(bandwidth));
    const own = batchMultiple(replay_times, parts);
    const multiple = batch % EIGHT === 0 && own < EIGHT ? EIGHT * own : own;
    return Math.max(Math.floor(most / multiple) * multiple, batch);
  });
}
