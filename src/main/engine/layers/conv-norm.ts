import type { Context, Tensor } from '../types';
import { batchNorm, type BatchNormOptions } from './batch-norm';
import { conv2d } from './conv2d';
import { relu } from './relu';

export interface ConvNormOptions extends Omit<BatchNormOptions, 'name'> {
  /** Name of the convolution: `<conv>.weight`. */
  conv: string;
  /** Name of the batch norm after it. */
  norm: string;
  stride: number;
  padding: number;
}

/**
 * Applies a convolution without bias and its batch norm. In evaluation the norm is a scale and a shift of each channel.
 * Where there are fewer weights than results, the weights are scaled instead of the results, and the shift fuses into
 * the convolution together with an addition and a ReLU that follow.
 */
export function convNorm(
  context: Context,
  x: Tensor,
  { conv, norm, stride, padding, ...options }: ConvNormOptions,
): Tensor {
  const { tf } = context;
  const { param, training } = options;
  const window = { stride, padding, training };
  const weight = param(`${conv}.weight`);
  if (training) return batchNorm(context, conv2d(context, x, weight, window), { ...options, name: norm });
  const scale = tf.mul(param(`${norm}.weight`), tf.rsqrt(tf.add(param(`${norm}.running_var`), options.epsilon)));
  const shift = tf.sub(param(`${norm}.bias`), tf.mul(param(`${norm}.running_mean`), scale));
  const fewer = weight.size < outputSize(x, weight, stride, padding);
  const value = fewer
    ? tf.add(conv2d(context, x, tf.mul(weight, scale), window), shift)
    : tf.add(tf.mul(conv2d(context, x, weight, window), scale), shift);
  return options.relu ? relu(context, value) : value;
}

/** Returns how many numbers a convolution's result has: x [N, H, W, in], weight [height, width, in, out]. */
function outputSize(x: Tensor, weight: Tensor, stride: number, padding: number): number {
  const [batch, height, width] = x.shape as [number, number, number];
  const [down, across, , channels] = weight.shape as [number, number, number, number];
  const side = (length: number, kernel: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return batch * side(height, down) * side(width, across) * channels;
}
