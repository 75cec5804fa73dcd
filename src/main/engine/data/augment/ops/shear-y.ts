import { affine } from '../../image/affine';
import { LEVELS, randomSign, type AugmentOp } from '../op';

export const op: AugmentOp = {
  name: 'ShearY',
  set: 'both',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.3,
  apply: (image, factor, { filter, fill }) => affine(image, [1, 0, 0, factor, 1, 0], filter, fill),
};
