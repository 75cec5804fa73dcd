/**
 * Prepares the images of a training step on the device: filter, low-frequency crop to B, normalisation, random erasing,
 * mixing with the flipped batch (order of Wang et al., TPAMI 2024, sec. 4).
 */
import { frequencyFilter } from '../curriculum/frequency-filter';
import { lowFrequencyCrop, lowFrequencyCropOf8Bit } from '../curriculum/low-frequency-crop';
import { flag, real } from '../layers/attrs';
import type { Attr, Context, Tensor } from '../types';
import { eraseRectangles } from './erase';
import { cropped, normalised, type View } from './view';

export interface Preparation extends View {
  /** Fill of random erasing. */
  remode: 'pixel' | 'const';
}

export type PreparedTensors = Record<'images' | 'erase' | 'mix' | 'noise_seed', Tensor>;

/**
 * Prepares uint8 [N, size, size, 3] -> float32 [N, B, B, 3].
 * @param step erase int32 [N, 4], mix float32 [B, B], noise_seed int32 [2]
 */
export function prepared(context: Context, options: Preparation, bandwidth: number, step: PreparedTensors): Tensor {
  const { tf } = context;
  if (context.kernels) return preparedInOnePass(context, options, bandwidth, step);
  const plain = normalised(context, cropped(context, step.images, bandwidth, options), options);
  const erased = eraseRectangles(context, plain, step.erase, step.noise_seed, options.remode);
  const weight = tf.reshape(step.mix, [1, bandwidth, bandwidth, 1]);
  return tf.add(tf.mul(erased, weight), tf.mul(tf.reverse(erased, 0), tf.sub(1, weight)));
}

function preparedInOnePass(
  context: Context,
  { lowFrequencyMode, mean, std, remode, filter }: Preparation,
  bandwidth: number,
  { images, mix, erase, noise_seed: seed }: PreparedTensors,
): Tensor {
  // Filter and crop are linear, so the op takes 0..255 and scales.
  const crop = filter
    ? lowFrequencyCrop(
        context,
        frequencyFilter(context, context.tf.cast(images, 'float32'), filter),
        bandwidth,
        lowFrequencyMode,
      )
    : lowFrequencyCropOf8Bit(context, images, bandwidth, lowFrequencyMode);
  const attrs: Record<string, Attr> = {
    mean: real([...mean]),
    inverse_std: real(std.map((value) => 1 / value)),
    noise: flag(remode === 'pixel'),
  };
  return context.op('StudioPrepare', [crop, mix, erase, seed], attrs)[0] as Tensor;
}
