/** From what a loader gives to what a model sees: scale to 0..1, low-frequency crop to B, normalisation. */
import { lowFrequencyCrop } from '../curriculum/low-frequency-crop';
import type { Context, Tensor } from '../types';

export interface View {
  /** Side of the images that come in. */
  size: number;
  lowFrequencyMode: 'crop' | 'resize';
  /** Of pixels in 0..1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** uint8 [N, size, size, 3] -> float32 [N, B, B, 3] in 0..1, before normalisation. */
export function cropped(context: Context, images: Tensor, bandwidth: number, { lowFrequencyMode }: View): Tensor {
  const { tf } = context;
  return lowFrequencyCrop(context, tf.mul(tf.cast(images, 'float32'), 1 / 255), bandwidth, lowFrequencyMode);
}

/** float32 [N, B, B, 3] in 0..1 -> normalised by channel. */
export function normalised({ tf }: Context, x: Tensor, { mean, std }: Pick<View, 'mean' | 'std'>): Tensor {
  return tf.mul(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d(std.map((value) => 1 / value)));
}

/** uint8 [N, size, size, 3] -> float32 [N, B, B, 3], as the model sees it without augmentation. */
export const plainView = (context: Context, images: Tensor, bandwidth: number, view: View): Tensor =>
  normalised(context, cropped(context, images, bandwidth, view), view);
