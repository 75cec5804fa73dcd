import type { Rng } from '../../../../shared/random';
import type { Size } from '../image/box';
import type { Step } from './step';

/** RandAugment's magnitudes are tenths of each op's range (timm's LEVEL_DENOM). */
export const LEVELS = 10;

/** One op of RandAugment: the argument of each magnitude, and the step of each argument. */
export interface AugmentOp {
  /** timm's name. */
  name: string;
  /** The op's argument at a magnitude of 0..10; signs are drawn. */
  argument: (level: number, rng: Rng) => number;
  /** Returns the step of an argument; null where it changes nothing. */
  step: (argument: number, size: Size) => Step | null;
}

export const randomSign = (rng: Rng): number => (rng.uniform() > 0.5 ? -1 : 1);

/** Returns timm's _enhance_level_to_arg: 0.1 to 1.9. */
export const plainEnhanceArgument: AugmentOp['argument'] = (level) => (level / LEVELS) * 1.8 + 0.1;

/** Returns timm's _enhance_increasing_level_to_arg, at least 0.1; 1 is the image itself. */
export const enhanceArgument: AugmentOp['argument'] = (level, rng) =>
  Math.max(0.1, 1 + randomSign(rng) * (level / LEVELS) * 0.9);
