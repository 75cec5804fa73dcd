import type { Context, Tensor } from '../types';

/** Keys's cubic convolution kernel with a = -0.5, as torch uses for antialiased bicubic resampling. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** [to, from], rows sum to 1: torch's F.interpolate(mode 'bicubic', antialias=True, align_corners=False) along one axis. */
export function bicubicMatrix(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from);
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  for (let row = 0; row < to; row++) {
    const centre = scale * (row + 0.5);
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const last = Math.min(Math.trunc(centre + support + 0.5), from);
    const weights = Array.from({ length: last - first }, (_, index) => cubic((index + first - centre + 0.5) / stretch));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, index) => (matrix[row * from + first + index] = weight / total));
  }
  return matrix;
}

/** The two axes at once, for a grid in row-major order: [to * to, from * from]. */
export function gridMatrix(from: number, to: number): Float32Array {
  const axis = bicubicMatrix(from, to);
  const matrix = new Float32Array(to * to * from * from);
  for (let i = 0; i < to; i++)
    for (let j = 0; j < to; j++)
      for (let k = 0; k < from; k++)
        for (let l = 0; l < from; l++) {
          matrix[((i * to + j) * from + k) * from + l] = (axis[i * from + k] as number) * (axis[j * from + l] as number);
        }
  return matrix;
}

/**
 * The stored position embedding for another grid (timm's resample_abs_pos_embed: bicubic, antialias, prefix token unchanged), as
 * a product with a constant, so that its gradient reaches the one stored parameter. embedding [1, 1 + from * from, dim] -> [1, 1
 * + to * to, dim].
 */
export function positionEmbedding({ tf, constant }: Context, embedding: Tensor, from: number, to: number): Tensor {
  if (from === to) return embedding;
  const dim = embedding.shape[2] as number;
  const matrix = constant(gridMatrix(from, to), [to * to, from * from], 'float32');
  const prefix = tf.slice(embedding, [0, 0, 0], [1, 1, dim]);
  const grid = tf.reshape(tf.slice(embedding, [0, 1, 0], [1, from * from, dim]), [from * from, dim]);
  return tf.concat([prefix, tf.reshape(tf.matMul(matrix, grid), [1, to * to, dim])], 1);
}
