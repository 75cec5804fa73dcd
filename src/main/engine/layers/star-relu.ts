import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/**
 * Applies StarReLU, scale * max(x, 0)^2 + offset (Yu et al., MetaFormer Baselines for Vision, TPAMI 2024, sec. 3.1): x
 * [rows, width], scale [1] and offset [1] -> [rows, width]. Scale and offset are trained.
 */
export function starRelu(context: Context, x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  return (context.kernels ? fused : composed)(context, x, scale, offset);
}

/** Computes the same by one op forward and one for the gradients, which stores only x. */
function fused({ tf, op }: Context, x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  return withGradient(
    tf,
    [x, scale, offset],
    (...inputs) => ({ value: op('StudioStarRelu', inputs, {})[0] as Tensor, saved: [inputs[0], inputs[1]] }),
    (dy, [input, factor]) => op('StudioStarReluGrad', [dy, input, factor], {}, 3),
  );
}

function composed({ tf }: Context, x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  return withGradient(
    tf,
    [x, scale, offset],
    (input, factor, shift) => {
      const positive = tf.relu(input);
      return { value: tf.add(tf.mul(tf.square(positive), factor), shift), saved: [positive, factor] };
    },
    (dy, [positive, factor]) => {
      const along = tf.mul(dy, positive);
      return [
        tf.mul(along, tf.mul(factor, 2)),
        tf.reshape(tf.sum(tf.mul(along, positive)), [1]),
        tf.reshape(tf.sum(dy), [1]),
      ];
    },
  );
}
