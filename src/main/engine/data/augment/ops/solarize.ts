import { LEVELS, type AugmentOp } from '../op';
import { op as increasing } from './solarize-increasing';

/** Values from a threshold on, rising from 0 to 256, are inverted. */
export const op: AugmentOp = {
  ...increasing,
  name: 'Solarize',
  argument: (level) => Math.min(256, Math.trunc((level / LEVELS) * 256)),
};
