import type { Context, Tensor } from '../types';
import { depthwiseConv2d } from './depthwise-conv2d';
import { inverseOrder } from './permute-tokens';
import { reordered, windowAttention } from './window-attention';
import { windowOrder, type Windows } from './windows';

export interface StripeAttentionOptions {
  heads: number;
  /** The stripes: windows as high or as wide as the map, or the whole map. */
  stripes: Windows;
  /** Of the positional encoding: filter [3, 3, dim, 1] and bias [dim]. */
  filter: Tensor;
  bias: Tensor;
}

/**
 * Attention inside stripes with locally-enhanced positional encoding (Dong et al., CSWin Transformer, CVPR 2022, sec. 3.2 and 3.3):
 * softmax(q k' / sqrt(d)) v of every head and stripe, plus a depthwise convolution of v that sees nothing outside its stripe. packed
 * [N * L, 3 * dim], the tokens of each image in the map's order -> [N * L, dim], in the map's order.
 */
export function stripeAttention(context: Context, packed: Tensor, options: StripeAttentionOptions): Tensor {
  const { tf } = context;
  const { heads, stripes, filter, bias } = options;
  const { side, height, width } = stripes;
  const [rows, dim] = [packed.shape[0] as number, (packed.shape[1] as number) / 3];
  const length = height * width;
  // Stripes as wide as the map are in its own order.
  const order = width === side ? null : windowOrder(stripes);
  const tokens = order ? reordered(context, packed, order) : packed;
  const mixed = windowAttention(context, tokens, { heads, length });
  const values = tf.reshape(tf.slice(tokens, [0, 2 * dim], [rows, dim]), [rows / length, height, width, dim]);
  const positions = depthwiseConv2d(context, values, filter, bias, { stride: 1, pad: 1 });
  const added = tf.add(mixed, tf.reshape(positions, [rows, dim]));
  return order ? reordered(context, added, inverseOrder(order)) : added;
}
