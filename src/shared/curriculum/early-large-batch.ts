/**
 * Early large batch (Wang et al., TPAMI 2024): stages at a small bandwidth take a larger batch, which keeps the device
 * as busy as the final size does. What the learning rate makes of it is in plan.ts (`learningRateAt`).
 */
import { batchMultiple, type BatchRule } from './stages';

/** Tensor cores and vector units like multiples of eight. */
const EIGHT = 8;

interface Stage {
  bandwidth: number;
  replay_times: number;
}

/**
 * The batch of each stage: the largest that fits, but no more than makes a step cost what one costs at the final size,
 * batch * (size / B)^2: beyond that the device is as busy as it will be, and steps only become fewer. Never less than
 * the run's.
 * @param fits images that fit at a bandwidth
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
