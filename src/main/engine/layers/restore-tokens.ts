import type { Context, MaskOrder, Tensor } from '../types';
import { gatherTokens } from './gather-tokens';
import { withGradient } from './with-gradient';

/**
 * Puts visible tokens back in their places among mask tokens (He et al., CVPR 2022, sec. 3, MAE decoder): tokens [N, 1
 * + K, C] with the class token first, maskToken [1, 1, C] -> [N, 1 + L, C]. All mask tokens share one row, so the
 * result is the only tensor of full length.
 */
export function restoreTokens(
  context: Context,
  tokens: Tensor,
  maskToken: Tensor,
  { idsKeep, idsRestore }: MaskOrder,
): Tensor {
  const { tf } = context;
  const [batch, rows, width] = tokens.shape as [number, number, number];
  const whole = (value: number): Tensor => tf.scalar(value, 'int32');
  const first = tf.zeros([batch, 1], 'int32');
  // The row after the visible ones is the mask token's.
  const from = tf.concat([first, tf.minimum(tf.add(idsRestore, whole(1)), whole(rows))], 1);
  const to = tf.concat([first, tf.add(idsKeep, whole(1))], 1);
  const masked = tf.cast(tf.greaterEqual(from, whole(rows)), 'float32');
  return withGradient(
    tf,
    [tokens, maskToken],
    (visible: Tensor, mask: Tensor) => {
      const all: Tensor = tf.concat([visible, tf.tile(mask, [batch, 1, 1])], 1);
      return { value: gatherTokens(context, all, from), saved: [to, masked] };
    },
    (dy, [places, weights]) => {
      const ofMasked = tf.mul(dy, tf.reshape(weights, [batch, dy.shape[1] as number, 1]));
      return [gatherTokens(context, dy, places), tf.reshape(tf.sum(ofMasked, [0, 1]), [1, 1, width])];
    },
  );
}
