import { flag, real } from '../layers/attrs';
import type { Attr, Context, Tensor } from '../types';
import type { View } from './view';

export interface PreparedInputs {
  /** Weights of the image itself and, one minus them, of its partner in the flipped batch: float32 [B, B]. */
  mix: Tensor;
  /** Rectangles to erase, int32 [N, 4]: top, left, height, width in px. */
  erase: Tensor;
  /** Seed of the erased pixels' noise, int32 [2]. */
  seed: Tensor;
}

/**
 * Scales, normalises, erases and mixes a batch by one op of ours: float32 [N, B, B, 3] in 0..255 -> float32 [N, B, B,
 * 3]. Only where `context.kernels`.
 * @param noise whether erased pixels get noise; else they get zeros
 */
export function prepareInOnePass(
  { op }: Context,
  x: Tensor,
  { mix, erase, seed }: PreparedInputs,
  { mean, std, noise }: Pick<View, 'mean' | 'std'> & { noise: boolean },
): Tensor {
  const attrs: Record<string, Attr> = {
    mean: real([...mean]),
    inverse_std: real(std.map((value) => 1 / value)),
    noise: flag(noise),
  };
  return op('StudioPrepare', [x, mix, erase, seed], attrs)[0] as Tensor;
}
