import type { Context, Tensor } from '../types';

/** x [rows, in], weight [in, out], bias [out] or null -> [rows, out]. */
export function linear({ tf }: Context, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const product = tf.matMul(x, weight);
  return bias ? tf.add(product, bias) : product;
}
