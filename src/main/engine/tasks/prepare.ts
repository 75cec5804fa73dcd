/**
 * Prepares the images of a training step on the device: filter, low-frequency crop to B, normalisation, random erasing,
 * mixing with the flipped batch (order of Wang et al., TPAMI 2024, sec. 4).
 */
import { frequencyFilter } from '../curriculum/frequency-filter';
import { lowFrequencyCrop, lowFrequencyCropOf8Bit } from '../curriculum/low-frequency-crop';
import type { Context, Tensor } from '../types';
import { eraseRectangles } from './erase';
import { prepareInOnePass } from './prepare-in-one-pass';
import { cropped, normalised, plainView, type View } from './view';

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
  if (context.kernels) return croppedAndPrepared(context, options, bandwidth, step);
  const plain = normalised(context, cropped(context, step.images, bandwidth, options), options);
  const erased = eraseRectangles(context, plain, step.erase, step.noise_seed, options.remode);
  const weight = tf.reshape(step.mix, [1, bandwidth, bandwidth, 1]);
  return tf.add(tf.mul(erased, weight), tf.mul(tf.reverse(erased, 0), tf.sub(1, weight)));
}

function croppedAndPrepared(
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
  return prepareInOnePass(context, crop, { mix, erase, seed }, { mean, std, noise: remode === 'pixel' });
}

/**
 * Makes the input of a classifier's evaluation: uint8 [N, size, size, 3] -> float32 [N, B, B, 3]. Where no frequency is
 * taken away it is one pass over memory.
 */
export function evaluationView(context: Context, images: Tensor, bandwidth: number, view: View): Tensor {
  const { tf } = context;
  if (!context.kernels || view.filter || images.shape[1] !== bandwidth)
    return plainView(context, images, bandwidth, view);
  const nothing = {
    mix: tf.ones([bandwidth, bandwidth]),
    erase: tf.zeros([images.shape[0] as number, 4], 'int32'),
    seed: tf.zeros([2], 'int32'),
  };
  return prepareInOnePass(context, tf.cast(images, 'float32'), nothing, { ...view, noise: false });
}
