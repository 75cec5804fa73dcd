/**
 * Attention inside the windows of a map (Liu et al., Swin Transformer, ICCV 2021, sec. 3.2). For every head and window
 * it computes softmax(q k' / sqrt(d) + bias + mask) v.
 */
import type { Attr, Context, Tensor } from '../types';
import { composedAttention } from './attention';
import { int, real } from './attrs';
import { inverseOrder, permuteTokens } from './permute-tokens';
import { withGradient } from './with-gradient';

/** Score added between tokens of different regions. It is the authors' number, and leaves no weight in float32. */
const MASKED = -100;

export interface WindowAttentionOptions {
  heads: number;
  /** Tokens of a window. */
  length: number;
  /** float32 [heads, length, length], added to the scores of every window. */
  bias?: Tensor;
  /** float32 [windows of an image, length, length], added to the scores of every head. */
  mask?: Tensor;
  /** int32 [L]: the index in its image of each token of the windows. Without it, tokens are in the windows' order. */
  order?: Int32Array;
}

/**
 * Applies attention inside windows: packed [N * L, 3 * dim] -> [N * L, dim]. q, k and v are packed as timm packs them.
 * The tokens of each image are in the image's own order, or in that of its windows, and so is the result.
 */
export function windowAttention(context: Context, packed: Tensor, options: WindowAttentionOptions): Tensor {
  const { heads, length, order } = options;
  // Our own op reads each window where it is in memory.
  if (context.kernels) return own(context, packed, options);
  const tokens = order ? reordered(context, packed, order) : packed;
  const sides = { heads, length, batch: (packed.shape[0] as number) / length };
  const mixed = composedAttention(context, tokens, sides, (scores) => plus(context, scores, options));
  return order ? reordered(context, mixed, inverseOrder(order)) : mixed;
}

/** Reorders the tokens of every image: x [N * L, C], flat -> [N * L, C]. */
export function reordered(context: Context, x: Tensor, order: Int32Array): Tensor {
  const { tf } = context;
  const [rows, width] = x.shape as [number, number];
  return tf.reshape(permuteTokens(context, tf.reshape(x, [rows / order.length, order.length, width]), order), [
    rows,
    width,
  ]);
}

/**
 * Computes the same by one op forward and one for the gradients, which stores no scores. The op takes an empty tensor
 * for a missing one.
 */
function own(context: Context, packed: Tensor, { heads, length, bias, mask, order }: WindowAttentionOptions): Tensor {
  const { tf, op, constant } = context;
  const attrs: Record<string, Attr> = {
    heads: int(heads),
    length: int(length),
    scale: real(((packed.shape[1] as number) / 3 / heads) ** -0.5),
  };
  const none = tf.zeros([0]);
  const places = (): Tensor => (order ? constant(order, [order.length], 'int32') : tf.zeros([0], 'int32'));
  return withGradient(
    tf,
    [packed, bias ?? none],
    (input, added) => {
      const masked = mask ?? none;
      const value = op('StudioWindowAttention', [input, places(), added, masked], attrs)[0] as Tensor;
      return { value, saved: [input, added, masked] };
    },
    (dy, [input, added, masked]) => op('StudioWindowAttentionGrad', [input, places(), added, masked, dy], attrs, 2),
  );
}

/** Adds bias and mask to scores [windows, heads, L, L] in one pass over the scores. */
function plus({ tf }: Context, scores: Tensor, { heads, length, bias, mask }: WindowAttentionOptions): Tensor {
  const area = length * length;
  const ofHeads = bias && tf.reshape(bias, [1, heads, area]);
  const ofWindows = mask && tf.reshape(mask, [mask.shape[0] as number, 1, area]);
  if (!ofHeads && !ofWindows) return scores;
  const added = tf.add(ofHeads ?? tf.zeros([1, heads, 1]), ofWindows ?? 0);
  const images = scores.size / added.size;
  const flat = tf.add(tf.reshape(scores, [images, added.size]), tf.reshape(added, [1, added.size]));
  return tf.reshape(flat, scores.shape);
}

/**
 * Returns the mask [windows, L, L] of regions, float32 [windows, L], which label each token: 0 between tokens of the
 * same region, else -100.
 */
export function regionMask({ tf, constant }: Context, regions: Float32Array, length: number): Tensor {
  const windows = regions.length / length;
  const labels = constant(regions, [windows, length], 'float32');
  const differ = tf.notEqual(tf.reshape(labels, [windows, length, 1]), tf.reshape(labels, [windows, 1, length]));
  return tf.mul(tf.cast(differ, 'float32'), MASKED);
}
