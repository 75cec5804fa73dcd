import { LEVELS, type AugmentOp } from '../op';
import { tableStep } from '../step';

/** Adds up to 110 to values below 128. */
export const op: AugmentOp = {
  name: 'SolarizeAdd',
  argument: (level) => Math.min(128, Math.trunc((level / LEVELS) * 110)),
  step: (add) => tableStep((value) => (value < 128 ? Math.min(255, value + add) : value)),
};
