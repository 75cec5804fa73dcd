import type { Attr, Context, Tensor } from '../types';
import { softmax } from './attention';
import { int, real } from './attrs';
import { withGradient } from './with-gradient';

interface Sides {
  heads: number;
  /** Number of images. */
  batch: number;
}

/**
 * Attends from the queries of one sequence to keys and values of another (Vaswani et al., 2017): q [N * L, dim], kv [N
 * * M, 2 * dim], keys first -> [N * L, dim].
 */
export function crossAttention(context: Context, q: Tensor, kv: Tensor, sides: Sides): Tensor {
  return (context.kernels ? own : composed)(context, q, kv, sides);
}

/** Computes the same by one op forward and one for the gradients, which stores no scores. */
function own({ tf, op }: Context, q: Tensor, kv: Tensor, { heads, batch }: Sides): Tensor {
  const [rows, dim] = q.shape as [number, number];
  const attrs: Record<string, Attr> = {
    heads: int(heads),
    length: int(rows / batch),
    keys: int((kv.shape[0] as number) / batch),
    scale: real((dim / heads) ** -0.5),
  };
  return withGradient(
    tf,
    [q, kv],
    (...inputs) => ({ value: op('StudioCrossAttention', inputs, attrs)[0] as Tensor, saved: inputs }),
    (dy, saved) => op('StudioCrossAttentionGrad', [...saved, dy], attrs, 2),
  );
}

function composed(context: Context, q: Tensor, kv: Tensor, { heads, batch }: Sides): Tensor {
  const { tf } = context;
  const [rows, dim] = q.shape as [number, number];
  const headDim = dim / heads;
  const part = (x: Tensor, first: number): Tensor => byHead(context, tf.slice(x, [0, first], [-1, dim]), heads, batch);
  const scores = tf.matMul(tf.mul(byHead(context, q, heads, batch), headDim ** -0.5), part(kv, 0), false, true);
  const mixed = tf.matMul(softmax(context, scores), part(kv, dim));
  return tf.reshape(heads === 1 ? mixed : tf.transpose(mixed, [0, 2, 1, 3]), [rows, dim]);
}

/** Splits the heads: x [N * L, dim] -> [N, heads, L, dim / heads]. With one head no data moves. */
function byHead({ tf }: Context, x: Tensor, heads: number, batch: number): Tensor {
  const [rows, dim] = x.shape as [number, number];
  const length = rows / batch;
  if (heads === 1) return tf.reshape(x, [batch, 1, length, dim]);
  return tf.transpose(tf.reshape(x, [batch, length, heads, dim / heads]), [0, 2, 1, 3]);
}
