import type { Context, Tensor } from '../types';

/**
 * Stochastic depth (Huang et al., 2016): the branch of sample n is multiplied by keep[n, column], which is 0 or 1 /
 * keep probability. branch [N, ...]; without `keep` (evaluation) it passes unchanged.
 */
export function dropPath({ tf }: Context, branch: Tensor, keep: Tensor | undefined, column: number | null): Tensor {
  if (!keep || column === null) return branch;
  const rows = tf.slice(keep, [0, column], [-1, 1]);
  return tf.mul(branch, tf.reshape(rows, [branch.shape[0] as number, ...branch.shape.slice(1).map(() => 1)]));
}
