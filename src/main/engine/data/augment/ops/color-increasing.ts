import { blend, luma } from '../../image/rgb';
import { enhanceArgument, type AugmentOp } from '../op';

/** Between gray and colour (PIL ImageEnhance.Color). */
export const op: AugmentOp = {
  name: 'ColorIncreasing',
  set: 'increasing',
  argument: enhanceArgument,
  apply: (image, factor) => blend(image, luma(image), factor),
};
