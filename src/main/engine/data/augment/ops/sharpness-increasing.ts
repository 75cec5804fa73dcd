import { enhanceArgument, type AugmentOp } from '../op';

/** Between smoothed and sharp (PIL ImageEnhance.Sharpness). */
export const op: AugmentOp = {
  name: 'SharpnessIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'smooth', factor }),
};
