import type { Context, Tensor } from '../types';

/**
 * Layer norm over the last axis (Ba et al., 2016): x [rows, dim], weight and bias [dim] -> [rows, dim]. timm's ViT uses epsilon
 * 1e-6.
 */
export function layerNorm({ tf }: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-6): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, gain, offset, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const centred = tf.sub(input, tf.mean(input, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const normal = tf.mul(centred, inverse);
    save([normal, inverse, gain]);
    return {
      value: tf.add(tf.mul(normal, gain), offset),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [keptNormal, keptInverse, keptGain] = saved as [Tensor, Tensor, Tensor];
        const scaled = tf.mul(dy, keptGain);
        const along = tf.mean(tf.mul(scaled, keptNormal), -1, true);
        const centredGradient = tf.sub(tf.sub(scaled, tf.mean(scaled, -1, true)), tf.mul(keptNormal, along));
        return [tf.mul(keptInverse, centredGradient), tf.sum(tf.mul(dy, keptNormal), 0), tf.sum(dy, 0)];
      },
    };
  })(x, weight, bias);
}
