import { LEVELS, randomSign, type AugmentOp } from '../op';

export const op: AugmentOp = {
  name: 'ShearX',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.3,
  step: (factor) => ({ kind: 'affine', matrix: [1, factor, 0, 0, 1, 0] }),
};
