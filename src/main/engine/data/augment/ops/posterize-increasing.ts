import { LEVELS, type AugmentOp } from '../op';
import { tableStep } from '../step';

/** Keeps 4 to 0 bits of each value. */
export const op: AugmentOp = {
  name: 'PosterizeIncreasing',
  argument: (level) => 4 - Math.trunc((level / LEVELS) * 4),
  step: (bits) => tableStep((value) => value & ~(2 ** (8 - bits) - 1)),
};
