import { enhanceArgument, type AugmentOp } from '../op';

/** Between the mean gray and the image (PIL ImageEnhance.Contrast). */
export const op: AugmentOp = {
  name: 'ContrastIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'mean', factor }),
};
