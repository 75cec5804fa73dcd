import { patchRows } from '../../layers/patch-embed';
import type { Context, Tensor } from '../../types';

const EPSILON = 1e-6;

/**
 * Returns the prediction targets of each patch (He et al., CVPR 2022, sec. 3, reconstruction target): its pixels in the
 * order row, column, channel. With `normPixLoss` each patch is normalised by its own mean and unbiased variance. x
 * float32 [N, S, S, 3], normalised -> [N, (S / p)^2, p * p * 3]
 */
export function pixelTargets(context: Context, x: Tensor, patch: number, normPixLoss: boolean): Tensor {
  const { tf } = context;
  const [batch, size] = x.shape as [number, number];
  const width = patch * patch * 3;
  const pixels = tf.reshape(patchRows(context, x, patch), [batch, (size / patch) ** 2, width]);
  if (!normPixLoss) return pixels;
  const centred = tf.sub(pixels, tf.mean(pixels, -1, true));
  const variance = tf.mul(tf.mean(tf.square(centred), -1, true), width / (width - 1));
  return tf.div(centred, tf.sqrt(tf.add(variance, EPSILON)));
}
