import { LEVELS, randomSign, type AugmentOp } from '../op';

/** Moves by up to 45 % of the width. */
export const op: AugmentOp = {
  name: 'TranslateXRel',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.45,
  step: (share, { width }) => ({ kind: 'affine', matrix: [1, 0, share * width, 0, 1, 0] }),
};
