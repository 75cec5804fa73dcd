/** Shares of compute that always add up to one. */
import type { StageConfig } from '../run-config';
import { cost } from '../curriculum/stages';

/** A border snaps to whole percents, and moves by a tenth of one when snapping is off. */
export const SNAP = 0.01;
export const FINE = 0.001;

const DIGITS = 1e9;
const rounded = (value: number): number => Math.round(value * DIGITS) / DIGITS;

/** Rounds the shares so that a file of them reads well; the largest takes the remainder, where it is least visible. */
export function settled(stages: readonly StageConfig[]): StageConfig[] {
  const total = stages.reduce((sum, { share }) => sum + share, 0);
  const shares = stages.map(({ share }) => rounded(share / total));
  const rest = 1 - shares.reduce((sum, share) => sum + share, 0);
  const largest = shares.indexOf(Math.max(...shares));
  return stages.map((stage, index) => ({
    ...stage,
    share: index === largest ? rounded((shares[index] as number) + rest) : (shares[index] as number),
  }));
}

/** Converts shares of epochs to shares of compute, with the same passes of every stage. */
export function asCompute(stages: readonly StageConfig[], shareOf: 'compute' | 'epochs', size: number): StageConfig[] {
  if (shareOf === 'compute') return [...stages];
  return settled(stages.map((stage) => ({ ...stage, share: stage.share * cost(stage.bandwidth, size) })));
}

/** Returns the left ends of the stages on the axis of compute, and 1 at the end. */
export function bordersOf(stages: readonly { share: number }[]): number[] {
  const borders = [0];
  for (const { share } of stages) borders.push((borders.at(-1) as number) + share);
  borders[borders.length - 1] = 1;
  return borders;
}
