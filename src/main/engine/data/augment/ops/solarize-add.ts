import { lookUp } from '../../image/rgb';
import { LEVELS, type AugmentOp } from '../op';

/** Up to 110 added to values below 128. */
export const op: AugmentOp = {
  name: 'SolarizeAdd',
  set: 'both',
  argument: (level) => Math.min(128, Math.trunc((level / LEVELS) * 110)),
  apply: (image, add) =>
    lookUp(
      image,
      Uint8Array.from({ length: 256 }, (_, value) => (value < 128 ? Math.min(255, value + add) : value)),
    ),
};
