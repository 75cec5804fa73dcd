import type { Context, Tensor } from '../../types';
import { hogDim, hogTargets } from './hog-targets';
import { pixelTargets } from './pixel-targets';
import type { MaeSettings } from './settings';

/** Returns the targets of each patch: x float32 [N, S, S, 3], normalised -> float32 [N, (S / p)^2, targetDim]. */
export const targetsOf = (
  context: Context,
  x: Tensor,
  patch: number,
  { target, norm_pix_loss }: Pick<MaeSettings, 'target' | 'norm_pix_loss'>,
): Tensor => (target === 'hog' ? hogTargets(context, x, patch) : pixelTargets(context, x, patch, norm_pix_loss));

/** Returns how many numbers are predicted for a patch of this side. */
export const targetDim = (patch: number, target: MaeSettings['target']): number =>
  target === 'hog' ? hogDim(patch) : patch * patch * 3;
