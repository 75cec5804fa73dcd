import type { Context, Tensor } from '../types';
import { real } from './attrs';
import { withGradient } from './with-gradient';

/**
 * Applies layer norm over the last axis (Ba et al., 2016): x [rows, dim], weight [dim], bias [dim] or null -> [rows,
 * dim]. timm's ViT uses epsilon 1e-6.
 */
export function layerNorm(context: Context, x: Tensor, weight: Tensor, bias: Tensor | null, epsilon = 1e-6): Tensor {
  const offset = bias ?? context.tf.zeros(weight.shape);
  return (context.kernels ? fused : composed)(context, x, weight, offset, epsilon);
}

function fused({ tf, op }: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  return withGradient(
    tf,
    [x, weight, bias],
    (input, gain, offset) => {
      const outputs = op('StudioLayerNorm', [input, gain, offset], { epsilon: real(epsilon) }, 3);
      const [value, mean, inverse] = outputs as [Tensor, Tensor, Tensor];
      return { value, saved: [input, gain, mean, inverse] };
    },
    (dy, saved) => op('StudioLayerNormGrad', [dy, ...saved], {}, 3),
  );
}

function composed({ tf }: Context, x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  return withGradient(
    tf,
    [x, weight, bias],
    (input, gain, offset) => {
      const centred = tf.sub(input, tf.mean(input, -1, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      const normal = tf.mul(centred, inverse);
      return { value: tf.add(tf.mul(normal, gain), offset), saved: [normal, inverse, gain] };
    },
    (dy, [normal, inverse, gain]) => {
      const scaled = tf.mul(dy, gain);
      const along = tf.mean(tf.mul(scaled, normal), -1, true);
      const centred = tf.sub(tf.sub(scaled, tf.mean(scaled, -1, true)), tf.mul(normal, along));
      return [tf.mul(inverse, centred), tf.sum(tf.mul(dy, normal), 0), tf.sum(dy, 0)];
    },
  );
}
