import type { Size } from '../image/box';
import { resize, type Filter } from '../image/resize';
import type { Rgb } from '../image/rgb';
import { flip } from './flip';
import { applySteps, type OpContext, type Step } from './step';

/**
 * Says how an image, or a box of it, becomes a view: it is resampled to a size, mirrored, and passed through
 * RandAugment's steps.
 */
export interface View extends OpContext {
  size: Size;
  mirrored: boolean;
  steps: readonly Step[];
}

/** Returns a view that only resamples. */
export const plainView = (width: number, height: number, filter: Filter): View => ({
  ...{ size: { width, height }, filter, fill: [0, 0, 0], mirrored: false, steps: [] },
});

export function makeView(image: Rgb, view: View): Rgb {
  const resized = resize(image, view.size.width, view.size.height, view.filter);
  return applySteps(view.mirrored ? flip(resized) : resized, view.steps, view);
}
