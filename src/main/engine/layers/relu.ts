import type { Context, Tensor } from '../types';
import { FLOAT } from './attrs';
import { withGradient } from './with-gradient';

/** max(x, 0), with the gradient as one op: tfjs composes it from three. */
export function relu({ tf, raw, op }: Context, x: Tensor): Tensor {
  if (!raw) return tf.relu(x);
  return withGradient(
    tf,
    [x],
    (input) => {
      const value = tf.relu(input);
      return { value, saved: [value] };
    },
    (dy, [value]) => op('ReluGrad', [dy, value], { T: FLOAT })[0] as Tensor,
  );
}
