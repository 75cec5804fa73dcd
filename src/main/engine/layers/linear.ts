import type { Context, Tensor } from '../types';
import { plusBias } from './plus-bias';

/** Returns x weight + bias: x [rows, in], weight [in, out], bias [out] or null -> [rows, out]. */
export function linear(context: Context, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const product = context.tf.matMul(x, weight);
  return bias ? plusBias(context, product, bias) : product;
}
