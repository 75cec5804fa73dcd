import { enhanceArgument, type AugmentOp } from '../op';

/** Blends the mean gray with the image (PIL ImageEnhance.Contrast). */
export const op: AugmentOp = {
  name: 'ContrastIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'mean', factor }),
};
