import type { Context, Tensor } from '../types';
import { depthwiseConv2d } from './depthwise-conv2d';
import { inverseOrder } from './permute-tokens';
import { reordered, windowAttention } from './window-attention';
import { windowOrder, type Windows } from './windows';

export interface StripeAttentionOptions {
  heads: number;
  /** The stripes: windows as high or as wide as the map, or the whole map. */
  stripes: Windows;
  /** Parameters of the positional encoding: filter [3, 3, dim, 1] and bias [dim]. */
  filter: Tensor;
  bias: Tensor;
}

/**
 * Attends inside stripes with locally-enhanced positional encoding (Dong et al., CSWin Transformer, CVPR 2022, sec. 3.2
 * and 3.3): softmax(q k' / sqrt(d)) v of every head and stripe, plus a depthwise convolution of v inside its stripe.
 * packed [N * L, 3 * dim], the tokens of each image in the map's order -> [N * L, dim], in the map's order.
 */
export function stripeAttention(context: Context, packed: Tensor, options: StripeAttentionOptions): Tensor {
  const { tf } = context;
  const { heads, stripes } = options;
  const [rows, dim] = [packed.shape[0] as number, (packed.shape[1] as number) / 3];
  // Stripes as wide as the map keep the map's order.
  const order = stripes.width === stripes.side ? null : windowOrder(stripes);
  const length = stripes.height * stripes.width;
  const mixed = windowAttention(context, packed, { heads, length, ...(order && { order }) });
  const values = tf.slice(packed, [0, 2 * dim], [rows, dim]);
  if (!order) return tf.add(mixed, encoded(context, values, options));
  const positions = encoded(context, reordered(context, values, order), options);
  return tf.add(mixed, reordered(context, positions, inverseOrder(order)));
}

/** Applies the positional encoding to values [N * L, dim], stripe by stripe -> [N * L, dim]. */
function encoded(context: Context, values: Tensor, { stripes, filter, bias }: StripeAttentionOptions): Tensor {
  const { tf } = context;
  const { height, width } = stripes;
  const [rows, dim] = values.shape as [number, number];
  const maps = tf.reshape(values, [rows / (height * width), height, width, dim]);
  return tf.reshape(depthwiseConv2d(context, maps, filter, bias, { stride: 1, pad: 1 }), [rows, dim]);
}
