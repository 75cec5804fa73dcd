import { LEVELS, type AugmentOp } from '../op';
import { op as increasing } from './solarize-increasing';

/** Inverts values from a threshold on, which rises from 0 to 256. */
export const op: AugmentOp = {
  ...increasing,
  name: 'Solarize',
  argument: (level) => Math.min(256, Math.trunc((level / LEVELS) * 256)),
};
