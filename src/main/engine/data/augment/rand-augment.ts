import type { Rng } from '../../../../shared/random';
import type { Size } from '../image/box';
import { LEVELS } from './op';
import { augmentOp, randAugmentSet } from './ops';
import type { Step } from './step';

export interface RandAugmentOptions {
  magnitude: number;
  num_ops: number;
  mstd: number;
  /** Whether the ops grow stronger with the magnitude (timm's `inc1`). */
  increasing: boolean;
}

/** Probability with which each drawn op is applied (timm's rand-augment default). */
const PROBABILITY = 0.5;

export interface DrawnOp {
  op: string;
  argument: number;
}

/**
 * Draws RandAugment (Cubuk et al., 2020) as timm's `rand-m{m}-n{n}-mstd{s}-inc{0|1}`: which ops, with which arguments.
 */
export function drawRandAugment({ magnitude, num_ops, mstd, increasing }: RandAugmentOptions, rng: Rng): DrawnOp[] {
  const ops = randAugmentSet(increasing);
  const chosen = Array.from({ length: num_ops }, () => ops[rng.below(ops.length)]);
  return chosen.flatMap((op) => {
    if (!op || rng.uniform() > PROBABILITY) return [];
    const level = Math.max(0, Math.min(magnitude + (mstd > 0 ? rng.normal() * mstd : 0), LEVELS));
    return [{ op: op.name, argument: op.argument(level, rng) }];
  });
}

/** Returns the steps of drawn ops for an image of this size. */
export const stepsOf = (drawn: readonly DrawnOp[], size: Size): Step[] =>
  drawn.flatMap(({ op, argument }) => augmentOp(op).step(argument, size) ?? []);
