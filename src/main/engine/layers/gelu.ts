import type { Context, Tensor } from '../types';

/** Exact GELU, x * Phi(x) (Hendrycks and Gimpel, 2016), with the gradient Phi(x) + x * phi(x) in few passes over memory. */
export function gelu(context: Context, x: Tensor): Tensor {
  return context.kernels ? fused(context, x) : composed(context, x);
}

function fused({ tf, op }: Context, x: Tensor): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    save([input]);
    return {
      value: op('StudioGelu', [input], {})[0] as Tensor,
      gradFunc: (dy: Tensor, saved: Tensor[]) => op('StudioGeluGrad', [dy, saved[0] as Tensor], {})[0] as Tensor,
    };
  })(x);
}

function composed({ tf }: Context, x: Tensor): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const cdf = tf.add(tf.mul(tf.erf(tf.mul(input, Math.SQRT1_2)), 0.5), 0.5);
    save([input, cdf]);
    return {
      value: tf.mul(input, cdf),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [kept, keptCdf] = saved as [Tensor, Tensor];
        const density = tf.mul(tf.exp(tf.mul(tf.square(kept), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(dy, tf.add(keptCdf, tf.mul(kept, density)));
      },
    };
  })(x);
}
