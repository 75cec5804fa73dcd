import type { Context, Tensor } from '../types';
import { batchNorm, type BatchNormOptions } from './batch-norm';
import { conv2d } from './conv2d';
import { relu } from './relu';

export interface ConvNormOptions extends Omit<BatchNormOptions, 'name'> {
  /** Name of the convolution: `<conv>.weight`. */
  conv: string;
  /** Name of the batch norm behind it. */
  norm: string;
  stride: number;
  padding: number;
}

/**
 * A convolution without bias and its batch norm. In evaluation the norm only scales and shifts channels, so the weights are scaled instead of
 * the result: many fewer numbers, and the shift fuses into the convolution together with an addition and a ReLU that follow.
 */
export function convNorm(context: Context, x: Tensor, { conv, norm, stride, padding, ...options }: ConvNormOptions): Tensor {
  const { tf } = context;
  const { param } = options;
  const weight = param(`${conv}.weight`);
  if (options.training) return batchNorm(context, conv2d(context, x, weight, stride, padding), { ...options, name: norm });
  const scale = tf.mul(param(`${norm}.weight`), tf.rsqrt(tf.add(param(`${norm}.running_var`), options.epsilon)));
  const shift = tf.sub(param(`${norm}.bias`), tf.mul(param(`${norm}.running_mean`), scale));
  const value = tf.add(conv2d(context, x, tf.mul(weight, scale), stride, padding), shift);
  return options.relu ? relu(context, value) : value;
}
