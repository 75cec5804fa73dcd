import type { Context, Tensor } from '../types';
import { FLOAT } from './attrs';
import { withGradient } from './with-gradient';

/** Returns max(x, 0) for x of any shape. Its gradient is one op, which tfjs composes from three. */
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
