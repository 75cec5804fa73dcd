import type { Context, Tensor } from '../types';

/** x [rows, in], weight [in, out], bias [out] or null -> [rows, out]. */
export function linear(context: Context, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const product = context.tf.matMul(x, weight);
  return bias ? plusBias(context, product, bias) : product;
}

function plusBias({ tf, op, kernels }: Context, x: Tensor, bias: Tensor): Tensor {
  if (!kernels) return tf.add(x, bias);
  return tf.customGrad((...args: unknown[]) => {
    const [input, offset] = args as [Tensor, Tensor];
    return { value: tf.add(input, offset), gradFunc: (dy: Tensor) => [dy, op('StudioColumnSum', [dy], {})[0] as Tensor] };
  })(x, bias);
}
