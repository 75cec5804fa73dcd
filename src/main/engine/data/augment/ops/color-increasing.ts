import { enhanceArgument, type AugmentOp } from '../op';

/** Between gray and colour (PIL ImageEnhance.Color). */
export const op: AugmentOp = {
  name: 'ColorIncreasing',
  argument: enhanceArgument,
  step: (factor) => ({ kind: 'blend', against: 'gray', factor }),
};
