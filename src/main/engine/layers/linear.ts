import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/** x [rows, in], weight [in, out], bias [out] or null -> [rows, out]. */
export function linear(context: Context, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const product = context.tf.matMul(x, weight);
  return bias ? plusBias(context, product, bias) : product;
}

function plusBias({ tf, op, kernels }: Context, x: Tensor, bias: Tensor): Tensor {
  if (!kernels) return tf.add(x, bias);
  return withGradient(
    tf,
    [x, bias],
    (input, offset) => ({ value: tf.add(input, offset), saved: [] }),
    (dy) => [dy, op('StudioColumnSum', [dy], {})[0] as Tensor],
  );
}
