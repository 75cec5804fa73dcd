import type { Context, Tensor } from '../types';
import { linear } from './linear';

export interface AttentionOptions {
  heads: number;
  batch: number;
  length: number;
  /** `<name>.qkv.weight` and so on. */
  name: string;
  param: (name: string) => Tensor;
}

/** Multi-head self-attention (Vaswani et al., 2017) with timm's packing of q, k and v: x [N * L, dim] -> [N * L, dim]. */
export function attention(context: Context, x: Tensor, { heads, batch, length, name, param }: AttentionOptions): Tensor {
  const { tf } = context;
  const dim = x.shape[1] as number;
  const headDim = dim / heads;
  const packed = linear(context, x, param(`${name}.qkv.weight`), param(`${name}.qkv.bias`));
  const byPart = tf.transpose(tf.reshape(packed, [batch, length, 3, heads, headDim]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(byPart, 0) as [Tensor, Tensor, Tensor];
  const scores = softmax(context, tf.matMul(tf.mul(q, headDim ** -0.5), k, false, true));
  const mixed = tf.reshape(tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]), [batch * length, dim]);
  return linear(context, mixed, param(`${name}.proj.weight`), param(`${name}.proj.bias`));
}

/** Over the last axis; the gradient y * (dy - sum(dy * y)) makes one full-size product less than tfjs's. */
function softmax({ tf, op, kernels }: Context, x: Tensor): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const value = tf.softmax(input);
    save([value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const y = saved[0] as Tensor;
        if (kernels) return op('StudioSoftmaxGrad', [dy, y], {})[0] as Tensor;
        return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true)));
      },
    };
  })(x);
}
