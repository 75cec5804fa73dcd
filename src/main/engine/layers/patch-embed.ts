import type { Context, Tensor } from '../types';
import { linear } from './linear';

/**
 * Cuts a map into patches of p x p pixels, row by row: x [N, H, W, C] -> [N * floor(H / p) * floor(W / p), p * p * C],
 * the numbers of a patch in the order row, column, channel. Rows and columns left over at the end are dropped.
 */
export function patchRows({ tf }: Context, x: Tensor, patch: number): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [down, across] = [Math.floor(height / patch), Math.floor(width / patch)];
  const whole = down * patch === height && across * patch === width;
  const even = whole ? x : tf.slice(x, [0, 0, 0, 0], [batch, down * patch, across * patch, channels]);
  const cut = tf.transpose(tf.reshape(even, [batch, down, patch, across, patch, channels]), [0, 1, 3, 2, 4, 5]);
  return tf.reshape(cut, [batch * down * across, patch * patch * channels]);
}

/**
 * Embeds patches of p x p pixels by one matrix product: x [N, S, S, 3], weight [p * p * 3, dim] -> [N, (S / p)^2, dim].
 */
export function patchEmbed(context: Context, x: Tensor, patch: number, weight: Tensor, bias: Tensor): Tensor {
  const batch = x.shape[0] as number;
  const rows = linear(context, patchRows(context, x, patch), weight, bias);
  return context.tf.reshape(rows, [batch, (rows.shape[0] as number) / batch, rows.shape[1] as number]);
}
