import type { Context, Tensor } from '../types';
import { real } from './attrs';

/**
 * Layer norm over the last axis (Ba et al., 2016): x [rows, dim], weight and bias [dim] -> [rows, dim]. timm's ViT uses epsilon
 * 1e-6.
 */
export function layerNorm(context: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-6): Tensor {
  return (context.kernels ? fused : composed)(context, x, weight, bias, epsilon);
}

function fused({ tf, op }: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, gain, offset, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const outputs = op('StudioLayerNorm', [input, gain, offset], { epsilon: real(epsilon) }, 3);
    const [value, mean, inverse] = outputs as [Tensor, Tensor, Tensor];
    save([input, gain, mean, inverse]);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => op('StudioLayerNormGrad', [dy, ...saved], {}, 3) };
  })(x, weight, bias);
}

function composed({ tf }: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
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
