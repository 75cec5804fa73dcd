import { blend, luma } from '../../image/rgb';
import { enhanceArgument, type AugmentOp } from '../op';

/** Between the mean gray and the image (PIL ImageEnhance.Contrast). */
export const op: AugmentOp = {
  name: 'ContrastIncreasing',
  set: 'increasing',
  argument: enhanceArgument,
  apply: (image, factor) => {
    const gray = luma(image);
    const mean = Math.trunc(gray.reduce((sum, value) => sum + value, 0) / gray.length + 0.5);
    return blend(image, () => mean, factor);
  },
};
