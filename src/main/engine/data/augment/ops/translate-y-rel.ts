import { LEVELS, randomSign, type AugmentOp } from '../op';

/** Moves by up to 45 % of the height. */
export const op: AugmentOp = {
  name: 'TranslateYRel',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 0.45,
  step: (share, { height }) => ({ kind: 'affine', matrix: [1, 0, 0, 0, 1, share * height] }),
};
