import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/** Each channel times a factor that is trained: x [rows, width], factor [width] -> [rows, width]. */
export function scaleChannels({ tf, op, kernels }: Context, x: Tensor, factor: Tensor): Tensor {
  return withGradient(
    tf,
    [x, factor],
    (input, scale) => ({ value: tf.mul(input, scale), saved: [input, scale] }),
    (dy, [input, scale]) => {
      const along = tf.mul(dy, input);
      return [tf.mul(dy, scale), kernels ? (op('StudioColumnSum', [along], {})[0] as Tensor) : tf.sum(along, 0)];
    },
  );
}
