import type { Context, Tensor } from '../types';

/**
 * Returns the matrix of PyTorch's F.interpolate(mode 'bilinear', align_corners False, no antialias) along one axis,
 * float32 [to, from] row by row. A position beyond the edge takes the edge's value; for `to` equal to `from` it is the
 * identity.
 */
export function bilinearMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = Math.max(((row + 0.5) * from) / to - 0.5, 0);
    const first = Math.min(Math.floor(place), from - 1);
    const second = Math.min(first + 1, from - 1);
    const share = place - first;
    matrix[row * from + first] = (matrix[row * from + first] as number) + 1 - share;
    matrix[row * from + second] = (matrix[row * from + second] as number) + share;
  }
  return matrix;
}

/**
 * Resamples a square map bilinearly to another grid: map [from * from, dim], row by row -> [to * to, dim]. It is two
 * products with a constant, one for each axis, so that its gradient reaches the stored map.
 */
export function bilinearMap({ tf, constant }: Context, map: Tensor, from: number, to: number): Tensor {
  if (from === to) return map;
  const dim = map.shape[1] as number;
  const matrix = constant(bilinearMatrix(from, to), [to, from], 'float32');
  // Each product resamples the first axis; the transpose swaps the two axes of the map.
  const first = (x: Tensor, other: number): Tensor => {
    const product = tf.matMul(matrix, tf.reshape(x, [from, other * dim]));
    return tf.transpose(tf.reshape(product, [to, other, dim]), [1, 0, 2]);
  };
  return tf.reshape(first(first(map, from), to), [to * to, dim]);
}

/** Does the same on the host. @param map [from * from, dim] @returns [to * to, dim] */
export function resampledMap(map: Float32Array, from: number, to: number, dim: number): Float32Array {
  const matrix = bilinearMatrix(from, to);
  const first = (x: Float32Array, other: number): Float32Array => {
    const out = new Float32Array(other * to * dim);
    for (let row = 0; row < to; row++)
      for (let source = 0; source < from; source++) {
        const weight = matrix[row * from + source] as number;
        if (weight === 0) continue;
        for (let across = 0; across < other; across++)
          for (let c = 0; c < dim; c++) {
            const at = (across * to + row) * dim + c;
            out[at] = (out[at] as number) + weight * (x[(source * other + across) * dim + c] as number);
          }
      }
    return out;
  };
  return first(first(map, from), to);
}
