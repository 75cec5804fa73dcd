import { blend, luma } from '../../image/rgb';
import { enhanceArgument, type AugmentOp } from '../op';

/** Between the mean gray and the image (PIL ImageEnhance.Contrast). */
export const op: AugmentOp = {
  name: 'ContrastIncreasing',
  set: 'increasing',
  argument: enhanceArgument,
  apply: (image, factor) => {
    const gray = luma(image);
    let sum = 0;
    for (const value of gray) sum += value;
    return blend(image, Math.trunc(sum / gray.length + 0.5), factor);
  },
};
