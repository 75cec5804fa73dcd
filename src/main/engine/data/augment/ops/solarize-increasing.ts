import { lookUp } from '../../image/rgb';
import { LEVELS, type AugmentOp } from '../op';

/** Values from a threshold on, falling from 256 to 0, are inverted. */
export const op: AugmentOp = {
  name: 'SolarizeIncreasing',
  set: 'increasing',
  argument: (level) => 256 - Math.min(256, Math.trunc((level / LEVELS) * 256)),
  apply: (image, threshold) =>
    lookUp(
      image,
      Uint8Array.from({ length: 256 }, (_, value) => (value < threshold ? value : 255 - value)),
    ),
};
