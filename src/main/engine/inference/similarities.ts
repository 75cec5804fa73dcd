/**
 * Computes cosine similarities of normalised features, in blocks of a fixed size so that memory does not grow with the
 * number of images.
 */
import type { Executor, Signature, Tensor } from '../types';

export const SIMILARITIES = 'similarities';

/** Number of queries, and of images of the bank, in one product. */
export const QUERY_ROWS = 256;
export const BANK_ROWS = 2048;

/**
 * Makes the signature queries float32 [QUERY_ROWS, dim], bank float32 [BANK_ROWS, dim] -> float32 [QUERY_ROWS,
 * BANK_ROWS].
 */
export const similaritySignature = (dim: number): Signature => ({
  inputs: {
    queries: { shape: [QUERY_ROWS, dim], dtype: 'float32' },
    bank: { shape: [BANK_ROWS, dim], dtype: 'float32' },
  },
  body: ({ tf }, { queries, bank }) => ({ similarities: tf.matMul(queries as Tensor, bank as Tensor, false, true) }),
});

/** Computes the same of values. */
export const similarities = (executor: Executor, queries: Float32Array, bank: Float32Array): Float32Array =>
  executor.run(SIMILARITIES, { queries, bank })['similarities'] as Float32Array;
