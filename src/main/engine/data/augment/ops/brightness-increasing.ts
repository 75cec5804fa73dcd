import { blend } from '../../image/rgb';
import { enhanceArgument, type AugmentOp } from '../op';

/** Between black and the image (PIL ImageEnhance.Brightness). */
export const op: AugmentOp = {
  name: 'BrightnessIncreasing',
  set: 'increasing',
  argument: enhanceArgument,
  apply: (image, factor) => blend(image, 0, factor),
};
