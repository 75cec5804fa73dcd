import type { Context, Tensor } from '../types';

/** Returns the Euclidean norm over all elements of a tensor of any shape, a scalar. */
export const normOf = ({ tf }: Context, x: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(x)));

/**
 * Returns `ratio` where both norms are above zero, else 1, so that a parameter of zeros can leave zero. All four are
 * scalars.
 */
export function trustRatio({ tf }: Context, valueNorm: Tensor, updateNorm: Tensor, ratio: Tensor): Tensor {
  const one = tf.onesLike(ratio);
  return tf.where(tf.greater(valueNorm, 0), tf.where(tf.greater(updateNorm, 0), ratio, one), one);
}
