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

/** Returns the rate of each of `depth` blocks, linear from 0 to `rate`, as in timm. */
export const linearRates = (rate: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, index) => (depth === 1 ? 0 : (rate * index) / (depth - 1)));

/**
 * Assigns a column of `keep` to each block whose rate is above 0. Returns the rates of the columns, and the column of
 * each branch or null.
 */
export function dropColumns(rates: readonly number[]): { rates: number[]; columns: (number | null)[] } {
  const kept = rates.filter((rate) => rate > 0);
  let next = 0;
  return { rates: kept, columns: rates.map((rate) => (rate > 0 ? next++ : null)) };
}
