import type { Attr, Context, Tensor } from '../types';
import { real } from './attrs';
import { linear } from './linear';

interface Sides {
  heads: number;
  batch: number;
  length: number;
}

export interface AttentionOptions extends Sides {
  /** `<name>.qkv.weight` and so on. */
  name: string;
  param: (name: string) => Tensor;
}

/** Multi-head self-attention (Vaswani et al., 2017) with timm's packing of q, k and v: x [N * L, dim] -> [N * L, dim]. */
export function attention(context: Context, x: Tensor, { name, param, ...sides }: AttentionOptions): Tensor {
  const packed = linear(context, x, param(`${name}.qkv.weight`), param(`${name}.qkv.bias`));
  const mixed = (context.kernels ? fused : composed)(context, packed, sides);
  return linear(context, mixed, param(`${name}.proj.weight`), param(`${name}.proj.bias`));
}

/** softmax(q k' / sqrt(d)) v of every head: packed [N * L, 3 * dim] -> [N * L, dim]. */
function composed(context: Context, packed: Tensor, { heads, batch, length }: Sides): Tensor {
  const { tf } = context;
  const dim = (packed.shape[1] as number) / 3;
  const headDim = dim / heads;
  const byPart = tf.transpose(tf.reshape(packed, [batch, length, 3, heads, headDim]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(byPart, 0) as [Tensor, Tensor, Tensor];
  const scores = softmax(context, tf.matMul(tf.mul(q, headDim ** -0.5), k, false, true));
  return tf.reshape(tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]), [batch * length, dim]);
}

/** The same with its own gradient: heads are taken apart and put together in one pass over memory each, scaling included. */
function fused({ tf, op }: Context, packed: Tensor, { heads, length }: Sides): Tensor {
  const headDim = (packed.shape[1] as number) / 3 / heads;
  const attrs: Record<string, Attr> = {
    heads: { kind: 'int', value: heads },
    length: { kind: 'int', value: length },
    scale: real(headDim ** -0.5),
  };
  const one = (name: string, inputs: Tensor[], given: Record<string, Attr> = attrs): Tensor =>
    op(name, inputs, given)[0] as Tensor;
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const [q, k, v] = op('StudioSplitHeads', [input], attrs, 3) as [Tensor, Tensor, Tensor];
    const scores = tf.softmax(tf.matMul(q, k, false, true));
    save([q, k, v, scores]);
    return {
      value: one('StudioMergeHeads', [tf.matMul(scores, v)]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [keptQ, keptK, keptV, y] = saved as [Tensor, Tensor, Tensor, Tensor];
        const byHead = one('StudioMergeHeadsGrad', [dy]);
        const dScores = one('StudioSoftmaxGrad', [tf.matMul(byHead, keptV, false, true), y], {});
        const parts = [tf.matMul(dScores, keptK), tf.matMul(dScores, keptQ, true, false), tf.matMul(y, byHead, true, false)];
        return one('StudioSplitHeadsGrad', parts);
      },
    };
  })(packed);
}

/** Over the last axis; the gradient y * (dy - sum(dy * y)) makes one full-size product less than tfjs's. */
function softmax({ tf }: Context, x: Tensor): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const value = tf.softmax(input);
    save([value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const y = saved[0] as Tensor;
        return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true)));
      },
    };
  })(x);
}
