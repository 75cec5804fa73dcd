/** Shares of compute that always add up to one. */
import type { StageConfig } from '../run-config';
import { cost } from '../curriculum/stages';

/** A border snaps to whole percents, and moves by a tenth of one where it is freed. */
export const SNAP = 0.01;
export const FINE = 0.001;

const DIGITS = 1e9;
const rounded = (value: number): number => Math.round(value * DIGITS) / DIGITS;

/** Rounded so that a file of them reads well; the rounding's rest goes to the largest, where it is least seen. */
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

/** Shares of epochs as shares of compute: the same passes of every stage. */
export function asCompute(stages: readonly StageConfig[], shareOf: 'compute' | 'epochs', size: number): StageConfig[] {
  if (shareOf === 'compute') return [...stages];
  return settled(stages.map((stage) => ({ ...stage, share: stage.share * cost(stage.bandwidth, size) })));
}

/** Left ends of the stages on the axis of compute, and 1 at the end. */
export function bordersOf(stages: readonly { share: number }[]): number[] {
  const borders = [0];
  for (const { share } of stages) borders.push((borders.at(-1) as number) + share);
  borders[borders.length - 1] = 1;
  return borders;
}
