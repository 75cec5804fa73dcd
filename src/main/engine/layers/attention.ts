import type { Attr, Context, Tensor } from '../types';
import { int, real } from './attrs';
import { linear } from './linear';
import { withGradient } from './with-gradient';

interface Sides {
  heads: number;
  batch: number;
  length: number;
}

export interface AttentionOptions extends Sides {
  /** Prefix of the parameters' names: `<name>.qkv.weight` and so on. */
  name: string;
  /** Whether the two linear layers have a bias. Default true. */
  bias?: boolean;
  param: (name: string) => Tensor;
}

/** StudioAttention needs a head width divisible by this. */
const LANES = 16;

/**
 * Applies multi-head self-attention (Vaswani et al., 2017) with timm's packing of q, k and v: x [N * L, dim] -> [N * L,
 * dim].
 */
export function attention(
  context: Context,
  x: Tensor,
  { name, bias = true, param, ...sides }: AttentionOptions,
): Tensor {
  const layer = (input: Tensor, part: string): Tensor =>
    linear(context, input, param(`${name}.${part}.weight`), bias ? param(`${name}.${part}.bias`) : null);
  return layer(packedAttention(context, layer(x, 'qkv'), sides), 'proj');
}

/**
 * Computes softmax(q k' / sqrt(d)) v of every head: packed [N * L, 3 * dim], with q, k and v next to each other -> [N *
 * L, dim].
 */
export function packedAttention(context: Context, packed: Tensor, sides: Sides): Tensor {
  const fits = (packed.shape[1] as number) % (3 * sides.heads * LANES) === 0;
  return (context.kernels && fits ? fused : composedAttention)(context, packed, sides);
}

/**
 * Computes the same with TensorFlow's ops.
 * @param plus changes the scores [N, heads, L, L] before the softmax
 */
export function composedAttention(
  context: Context,
  packed: Tensor,
  { heads, batch, length }: Sides,
  plus: (scores: Tensor) => Tensor = (scores) => scores,
): Tensor {
  const { tf } = context;
  const dim = (packed.shape[1] as number) / 3;
  const headDim = dim / heads;
  const byPart = tf.transpose(tf.reshape(packed, [batch, length, 3, heads, headDim]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(byPart, 0) as [Tensor, Tensor, Tensor];
  const scores = plus(tf.matMul(tf.mul(q, headDim ** -0.5), k, false, true));
  return tf.reshape(tf.transpose(tf.matMul(softmax(context, scores), v), [0, 2, 1, 3]), [batch * length, dim]);
}

/** Computes the same by one op forward and one for the gradients, which stores only `packed`. */
function fused({ tf, op }: Context, packed: Tensor, { heads, length }: Sides): Tensor {
  const headDim = (packed.shape[1] as number) / 3 / heads;
  const attrs: Record<string, Attr> = {
    heads: int(heads),
    length: int(length),
    scale: real(headDim ** -0.5),
  };
  return withGradient(
    tf,
    [packed],
    (input) => ({ value: op('StudioAttention', [input], attrs)[0] as Tensor, saved: [input] }),
    (dy, [input]) => op('StudioAttentionGrad', [input, dy], attrs)[0] as Tensor,
  );
}

/**
 * Applies softmax over the last axis. Its gradient y * (dy - sum(dy * y)) makes one full-size product fewer than
 * tfjs's.
 */
export function softmax({ tf }: Context, x: Tensor): Tensor {
  return withGradient(
    tf,
    [x],
    (input) => {
      const value = tf.softmax(input);
      return { value, saved: [value] };
    },
    (dy, [y]) => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true))),
  );
}
