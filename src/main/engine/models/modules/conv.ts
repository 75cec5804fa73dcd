import { conv2d } from '../../layers/conv2d';
import { patchRows } from '../../layers/patch-embed';
import { linear } from '../../layers/linear';
import { plusBias } from '../../layers/plus-bias';
import type { Tensor } from '../../types';
import type { Initializer } from '../initializers';
import type { Module, Pass, Shape } from './module';
import { convParams, patchParams, plain } from './params';
import { behindWindow } from './window';

export interface ConvOptions {
  kernel: number;
  stride: number;
  /** Number of zeros on each side of the map. */
  padding: number;
  /** Input and output channels. */
  width: number;
  out: number;
  weight: Initializer;
  /** Initial values of the bias; null: it has none. */
  bias: Initializer | null;
}

/**
 * Makes a convolution of a map: [N, H, W, width] -> [N, H', W', out]. Rows and columns that its last step does not
 * reach are dropped. A convolution whose patches do not overlap is computed as a matrix product.
 */
export function conv(name: string, options: ConvOptions): Module {
  const { kernel, stride, padding, width, out, weight, bias } = options;
  const [weights, offsets] = [`${name}.weight`, `${name}.bias`];
  const shape = (input: Shape): Shape => behindWindow(input, out, kernel, stride, padding);
  const patches = kernel === stride && padding === 0;
  return {
    params: [
      ...(patches
        ? patchParams(name, { patch: kernel, width, out }, weight)
        : convParams(name, kernel, width, out, weight)),
      ...(bias ? [plain(offsets, [out], bias)] : []),
    ],
    shape,
    macs: (input) => {
      const [high, wide] = shape(input) as [number, number];
      return high * wide * kernel * kernel * width * out;
    },
    apply: (pass, x) => {
      const { context, param, training } = pass;
      const offset = bias ? param(offsets) : null;
      if (patches) return byPatches(pass, x, kernel, param(weights), offset);
      const value = conv2d(context, x, param(weights), { stride, padding, training });
      return offset ? plusBias(context, value, offset) : value;
    },
  };
}

/**
 * Convolves patches that do not overlap: x [N, H, W, width], weight [p * p * width, out] -> [N, floor(H / p), floor(W /
 * p), out].
 */
function byPatches({ context }: Pass, x: Tensor, patch: number, weight: Tensor, bias: Tensor | null): Tensor {
  const [batch, height, width] = x.shape as [number, number, number];
  const rows = linear(context, patchRows(context, x, patch), weight, bias);
  return context.tf.reshape(rows, [
    batch,
    Math.floor(height / patch),
    Math.floor(width / patch),
    weight.shape[1] as number,
  ]);
}
