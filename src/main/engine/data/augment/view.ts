import type { Size } from '../image/box';
import { resize, type Filter } from '../image/resize';
import type { Rgb } from '../image/rgb';
import { flip } from './flip';
import { applySteps, type OpContext, type Step } from './step';

/** What becomes of an image or of a box of it: resampled to a size, mirrored, and sent through RandAugment's steps. */
export interface View extends OpContext {
  size: Size;
  mirrored: boolean;
  steps: readonly Step[];
}

/** Nothing but resampled. */
export const plainView = (width: number, height: number, filter: Filter): View => ({
  ...{ size: { width, height }, filter, fill: [0, 0, 0], mirrored: false, steps: [] },
});

export function makeView(image: Rgb, view: View): Rgb {
  const resized = resize(image, view.size.width, view.size.height, view.filter);
  return applySteps(view.mirrored ? flip(resized) : resized, view.steps, view);
}
