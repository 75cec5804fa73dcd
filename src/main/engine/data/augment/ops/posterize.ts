import { LEVELS, type AugmentOp } from '../op';
import { op as increasing } from './posterize-increasing';

/** Keeps 0 to 4 bits of each value. */
export const op: AugmentOp = {
  ...increasing,
  name: 'Posterize',
  argument: (level) => Math.trunc((level / LEVELS) * 4),
};
