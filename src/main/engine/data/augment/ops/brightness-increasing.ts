import { enhanceArgument, type AugmentOp } from '../op';

/** Blends black with the image (PIL ImageEnhance.Brightness). */
export const op: AugmentOp = {
  name: 'BrightnessIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'black', factor }),
};
