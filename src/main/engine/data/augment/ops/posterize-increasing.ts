import { lookUp } from '../../image/rgb';
import { LEVELS, type AugmentOp } from '../op';

/** Keeps 4 to 0 bits of each value. */
export const op: AugmentOp = {
  name: 'PosterizeIncreasing',
  set: 'increasing',
  argument: (level) => 4 - Math.trunc((level / LEVELS) * 4),
  apply: (image, bits) =>
    lookUp(
      image,
      Uint8Array.from({ length: 256 }, (_, value) => value & ~(2 ** (8 - bits) - 1)),
    ),
};
