import type { Context, Tensor } from '../types';
import { linear } from './linear';

/** Patches of p x p pixels as one matrix product: x [N, S, S, 3], weight [p * p * 3, dim] -> [N, (S / p)^2, dim]. */
export function patchEmbed(context: Context, x: Tensor, patch: number, weight: Tensor, bias: Tensor): Tensor {
  const { tf } = context;
  const [batch, size] = x.shape as [number, number];
  const side = size / patch;
  const cut = tf.transpose(tf.reshape(x, [batch, side, patch, side, patch, 3]), [0, 1, 3, 2, 4, 5]);
  const rows = linear(context, tf.reshape(cut, [batch * side * side, patch * patch * 3]), weight, bias);
  return tf.reshape(rows, [batch, side * side, rows.shape[1] as number]);
}
