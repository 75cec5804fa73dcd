import type { Context, Tensor } from '../types';
import { linear } from './linear';

/**
 * Cuts images into patches of p x p pixels, row by row: x [N, S, S, 3] -> [N * (S / p)^2, p * p * 3], the numbers of a
 * patch in the order row, column, channel.
 */
export function patchRows({ tf }: Context, x: Tensor, patch: number): Tensor {
  const [batch, size] = x.shape as [number, number];
  const side = size / patch;
  const cut = tf.transpose(tf.reshape(x, [batch, side, patch, side, patch, 3]), [0, 1, 3, 2, 4, 5]);
  return tf.reshape(cut, [batch * side * side, patch * patch * 3]);
}

/** Patches of p x p pixels as one matrix product: x [N, S, S, 3], weight [p * p * 3, dim] -> [N, (S / p)^2, dim]. */
export function patchEmbed(context: Context, x: Tensor, patch: number, weight: Tensor, bias: Tensor): Tensor {
  const batch = x.shape[0] as number;
  const rows = linear(context, patchRows(context, x, patch), weight, bias);
  return context.tf.reshape(rows, [batch, (rows.shape[0] as number) / batch, rows.shape[1] as number]);
}
