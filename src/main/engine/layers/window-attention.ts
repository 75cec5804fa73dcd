/**
 * Attention inside windows (Liu et al., Swin Transformer, ICCV 2021, sec. 3.2): softmax(q k' / sqrt(d) + bias + mask) v of every head and
 * window. How a map becomes windows is the caller's matter.
 */
import type { Context, Tensor } from '../types';
import { composedAttention } from './attention';

/** What a token of another region scores; the authors' number, which leaves no weight in float32. */
const MASKED = -100;

export interface WindowAttentionOptions {
  heads: number;
  /** Tokens of a window. */
  length: number;
  /** float32 [heads, length, length], added to the scores of every window. */
  bias?: Tensor;
  /** float32 [windows of an image, length, length], added to the scores of every head. */
  mask?: Tensor;
}

/** packed [windows * length, 3 * dim], the windows of an image behind one another, as timm packs q, k and v -> [windows * length, dim]. */
export function windowAttention(context: Context, packed: Tensor, options: WindowAttentionOptions): Tensor {
  const { heads, length } = options;
  const sides = { heads, length, batch: (packed.shape[0] as number) / length };
  return composedAttention(context, packed, sides, (scores) => plus(context, scores, options));
}

/** scores [windows, heads, L, L] plus bias and mask, in one pass over the scores. */
function plus({ tf }: Context, scores: Tensor, { heads, length, bias, mask }: WindowAttentionOptions): Tensor {
  const area = length * length;
  const parts = [
    ...(bias ? [tf.reshape(bias, [1, heads, area])] : []),
    ...(mask ? [tf.reshape(mask, [mask.shape[0] as number, 1, area])] : []),
  ];
  const [first, second] = parts;
  if (!first) return scores;
  const added = second ? tf.add(first, second) : first;
  const images = scores.size / added.size;
  const flat = tf.add(tf.reshape(scores, [images, scores.size / images]), tf.reshape(added, [1, added.size]));
  return tf.reshape(flat, scores.shape);
}

/** regions float32 [windows, L], a label for each token -> mask [windows, L, L]: 0 between tokens of one region, else -100. */
export function regionMask({ tf, constant }: Context, regions: Float32Array, length: number): Tensor {
  const windows = regions.length / length;
  const labels = constant(regions, [windows, length], 'float32');
  const differ = tf.notEqual(tf.reshape(labels, [windows, length, 1]), tf.reshape(labels, [windows, 1, length]));
  return tf.mul(tf.cast(differ, 'float32'), MASKED);
}
