import { LEVELS, type AugmentOp } from '../op';
import { tableStep } from '../step';

/** Inverts values from a threshold on, which falls from 256 to 0. */
export const op: AugmentOp = {
  name: 'SolarizeIncreasing',
  argument: (level) => 256 - Math.min(256, Math.trunc((level / LEVELS) * 256)),
  step: (threshold) => tableStep((value) => (value < threshold ? value : 255 - value)),
};
