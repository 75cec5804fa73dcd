import { LEVELS, randomSign, type AugmentOp } from '../op';

export const op: AugmentOp = {
  name: 'ShearY',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.3,
  step: (factor) => ({ kind: 'affine', matrix: [1, 0, 0, factor, 1, 0] }),
};
