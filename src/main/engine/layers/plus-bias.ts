import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/** Adds bias [width] to x [..., width]. The gradient of the bias is one sum over all rows. */
export function plusBias({ tf, op, kernels }: Context, x: Tensor, bias: Tensor): Tensor {
  if (!kernels) return tf.add(x, bias);
  return withGradient(
    tf,
    [x, bias],
    (input, offset) => ({ value: tf.add(input, offset), saved: [] }),
    (dy) => [dy, op('StudioColumnSum', [dy], {})[0] as Tensor],
  );
}
