/**
 * Relative position bias of window attention (Liu et al., Swin Transformer, ICCV 2021, sec. 3.2). The table, float32
 * [(2w - 1)^2, heads], holds a number for each head and each offset (row, then column) of a query from a key in a
 * window of w x w tokens.
 */
import type { Context, Tensor } from '../types';
import { bicubicMatrix } from './interpolation-matrix';
import { permuteTokens } from './permute-tokens';

/** Returns the number of offsets along one axis of a window. */
const offsets = (window: number): number => 2 * window - 1;

/**
 * Returns the matrix [window * window, offsets of `stored`] whose row (query, key) picks the entry of the offset query
 * - key out of the stored window's table, resampled for this window.
 */
function pickingMatrix(stored: number, window: number): Float32Array {
  const [from, to] = [offsets(stored), offsets(window)];
  const resampling = bicubicMatrix(from, to);
  const matrix = new Float32Array(window * window * from);
  for (let query = 0; query < window; query++)
    for (let key = 0; key < window; key++) {
      const row = query - key + window - 1;
      matrix.set(resampling.subarray(row * from, (row + 1) * from), (query * window + key) * from);
    }
  return matrix;
}

/**
 * Returns the bias of every pair of tokens of a window: table float32 [(2 stored - 1)^2, heads] -> [heads, w^2, w^2],
 * queries then keys, row by row. Where the window differs from the stored one, the table is resampled on its grid
 * (bicubic without antialias, as in the authors' fine-tuning). Both steps are products with constants, so that the
 * gradient reaches the one stored table.
 */
export function relativePositionBias(context: Context, table: Tensor, stored: number, window: number): Tensor {
  const { tf, constant } = context;
  const [from, heads] = [offsets(stored), table.shape[1] as number];
  const area = window * window;
  const pick = constant(pickingMatrix(stored, window), [area, from], 'float32');
  const byRow = tf.matMul(pick, tf.reshape(table, [from, from * heads]));
  const byHead = tf.transpose(tf.reshape(byRow, [area, from, heads]), [2, 0, 1]);
  const byColumn = tf.matMul(tf.reshape(byHead, [heads * area, from]), pick, false, true);
  // For a head and a row of queries: from (row of keys, column of queries) to (column of queries, row of keys).
  const swapped = permuteTokens(context, tf.reshape(byColumn, [heads * window, area, window]), swappedAxes(window));
  return tf.reshape(swapped, [heads, area, area]);
}

/** Returns the order of tokens in which the two axes of a square are swapped. */
const swappedAxes = (side: number): Int32Array =>
  Int32Array.from({ length: side * side }, (_, at) => (at % side) * side + Math.floor(at / side));

/** Returns the window of a table with this many entries, or null where no window has this number. */
export function windowOfTable(entries: number): number | null {
  const window = (Math.sqrt(entries) + 1) / 2;
  return Number.isInteger(window) && window >= 1 ? window : null;
}

/** Resamples the table on the host: table [(2 stored - 1)^2, heads] -> [(2 window - 1)^2, heads]. */
export function resampledTable(table: Float32Array, stored: number, window: number, heads: number): Float32Array {
  const [from, to] = [offsets(stored), offsets(window)];
  const matrix = bicubicMatrix(from, to);
  const weight = (row: number, column: number): number => matrix[row * from + column] as number;
  const out = new Float32Array(to * to * heads);
  for (let i = 0; i < to; i++)
    for (let j = 0; j < to; j++)
      for (let head = 0; head < heads; head++) {
        let sum = 0;
        for (let k = 0; k < from; k++)
          for (let l = 0; l < from; l++)
            sum += weight(i, k) * weight(j, l) * (table[(k * from + l) * heads + head] as number);
        out[(i * to + j) * heads + head] = sum;
      }
  return out;
}
