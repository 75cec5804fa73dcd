import { enhanceArgument, type AugmentOp } from '../op';

/** Blends gray with colour (PIL ImageEnhance.Color). */
export const op: AugmentOp = {
  name: 'ColorIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'gray', factor }),
};
