import { antialiasedTaps, tapsMatrix } from '../../../shared/antialiased-taps';
import type { Context, Tensor } from '../types';
import { cubic } from './cubic-kernel';

const kernel = cubic(-0.5);

/**
 * Returns the matrix [to, from] of torch's F.interpolate(mode 'bicubic', antialias=True, align_corners=False) along one
 * axis. Its rows sum to 1.
 */
const bicubicMatrix = (from: number, to: number): Float64Array =>
  tapsMatrix(
    antialiasedTaps(from, to, 2, (distance, stretch) => kernel(distance / stretch)),
    from,
  );

/** Returns the matrix [to * to, from * from] that resamples both axes of a grid in row-major order at once. */
function gridMatrix(from: number, to: number): Float32Array {
  const axis = bicubicMatrix(from, to);
  const matrix = new Float32Array(to * to * from * from);
  for (let i = 0; i < to; i++)
    for (let j = 0; j < to; j++)
      for (let k = 0; k < from; k++)
        for (let l = 0; l < from; l++) {
          matrix[((i * to + j) * from + k) * from + l] =
            (axis[i * from + k] as number) * (axis[j * from + l] as number);
        }
  return matrix;
}

/**
 * Resamples the stored position embedding to another grid as timm's resample_abs_pos_embed does (bicubic, antialias,
 * prefix token unchanged): embedding [1, 1 + from * from, dim] -> [1, 1 + to * to, dim]. It is a product with a
 * constant, so that its gradient reaches the one stored parameter.
 */
export function positionEmbedding({ tf, constant }: Context, embedding: Tensor, from: number, to: number): Tensor {
  if (from === to) return embedding;
  const dim = embedding.shape[2] as number;
  const matrix = constant(gridMatrix(from, to), [to * to, from * from], 'float32');
  const prefix = tf.slice(embedding, [0, 0, 0], [1, 1, dim]);
  const grid = tf.reshape(tf.slice(embedding, [0, 1, 0], [1, from * from, dim]), [from * from, dim]);
  return tf.concat([prefix, tf.reshape(tf.matMul(matrix, grid), [1, to * to, dim])], 1);
}

/** Does the same on the host. @param embedding [1 + from * from, dim] @returns [1 + to * to, dim] */
export function resampledEmbedding(embedding: Float32Array, from: number, to: number, dim: number): Float32Array {
  const matrix = gridMatrix(from, to);
  const out = new Float32Array((1 + to * to) * dim);
  out.set(embedding.subarray(0, dim));
  for (let row = 0; row < to * to; row++) {
    for (let source = 0; source < from * from; source++) {
      const weight = matrix[row * from * from + source] as number;
      if (weight === 0) continue;
      for (let c = 0; c < dim; c++)
        out[(1 + row) * dim + c] =
          (out[(1 + row) * dim + c] as number) + weight * (embedding[(1 + source) * dim + c] as number);
    }
  }
  return out;
}
