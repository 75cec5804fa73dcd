import { affine } from '../../image/affine';
import { LEVELS, randomSign, type AugmentOp } from '../op';

/** Up to 45 % of the height. */
export const op: AugmentOp = {
  name: 'TranslateYRel',
  set: 'both',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.45,
  apply: (image, share, { filter, fill }) => affine(image, [1, 0, 0, 0, 1, share * image.height], filter, fill),
};
