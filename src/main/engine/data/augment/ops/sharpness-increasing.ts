import { enhanceArgument, type AugmentOp } from '../op';

/** Blends the smoothed image with the sharp one (PIL ImageEnhance.Sharpness). */
export const op: AugmentOp = {
  name: 'SharpnessIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'smooth', factor }),
};
