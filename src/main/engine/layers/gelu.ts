import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/**
 * Applies the exact GELU, x * Phi(x) (Hendrycks and Gimpel, 2016), to x of any shape. The gradient Phi(x) + x * phi(x)
 * takes few passes over memory.
 */
export function gelu(context: Context, x: Tensor): Tensor {
  return context.kernels ? fused(context, x) : composed(context, x);
}

function fused({ tf, op }: Context, x: Tensor): Tensor {
  return withGradient(
    tf,
    [x],
    (input) => ({ value: op('StudioGelu', [input], {})[0] as Tensor, saved: [input] }),
    (dy, [input]) => op('StudioGeluGrad', [dy, input], {})[0] as Tensor,
  );
}

function composed({ tf }: Context, x: Tensor): Tensor {
  return withGradient(
    tf,
    [x],
    (input) => {
      const cdf = tf.add(tf.mul(tf.erf(tf.mul(input, Math.SQRT1_2)), 0.5), 0.5);
      return { value: tf.mul(input, cdf), saved: [input, cdf] };
    },
    (dy, [input, cdf]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(cdf, tf.mul(input, density)));
    },
  );
}
