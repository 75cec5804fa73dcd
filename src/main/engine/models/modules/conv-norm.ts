import { convNorm as convolve } from '../../layers/conv-norm';
import { maxPool as pool } from '../../layers/max-pool';
import { ones, type Initializer } from '../initializers';
import type { Module, Shape } from './module';
import { batchNormParams, convParams } from './params';
import { behindWindow } from './window';

export interface ConvNormOptions {
  /** Names of the convolution and of the batch norm after it. */
  conv: string;
  norm: string;
  kernel: number;
  stride: number;
  /** Input and output channels. */
  width: number;
  out: number;
  weight: Initializer;
  /** Initial values of the norm's weight. Default 1. */
  gain?: Initializer;
  relu?: boolean;
  epsilon: number;
}

/**
 * Makes a convolution without bias whose padding keeps the side (before the stride), its batch norm, and an optional
 * ReLU.
 */
export function convNorm(options: ConvNormOptions): Module {
  const { conv, norm, kernel, stride, width, out, weight, gain = ones, relu = false, epsilon } = options;
  const padding = (kernel - 1) / 2;
  const shape = (input: Shape): Shape => behindWindow(input, out, kernel, stride, padding);
  return {
    params: [...convParams(conv, kernel, width, out, weight), ...batchNormParams(norm, out, gain)],
    shape,
    macs: (input) => {
      const [high, wide] = shape(input) as [number, number];
      return high * wide * kernel * kernel * width * out;
    },
    apply: ({ context, training, param }, x) =>
      convolve(context, x, { conv, norm, stride, padding, relu, training, epsilon, param }),
  };
}

/** Applies max pooling with symmetric padding. Use it after a ReLU only, see layers/max-pool.ts. */
export const maxPool = (kernel: number, stride: number, padding: number): Module => ({
  params: [],
  shape: (input) => behindWindow(input, input[2] as number, kernel, stride, padding),
  macs: () => 0,
  apply: ({ context }, x) => pool(context, x, kernel, stride, padding),
});
