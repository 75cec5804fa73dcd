import { affine } from '../../image/affine';
import { LEVELS, randomSign, type AugmentOp } from '../op';

/** Up to 45 % of the width. */
export const op: AugmentOp = {
  name: 'TranslateXRel',
  set: 'both',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.45,
  apply: (image, share, { filter, fill }) => affine(image, [1, 0, share * image.width, 0, 1, 0], filter, fill),
};
