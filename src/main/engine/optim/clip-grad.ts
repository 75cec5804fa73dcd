import type { Context, Tensor } from '../types';

export interface Clipped {
  gradients: Map<string, Tensor>;
  /** Global L2 norm before clipping, a scalar. */
  norm: Tensor;
}

/** As torch.nn.utils.clip_grad_norm_: all gradients times min(1, limit / (norm + 1e-6)). `limit` null: only the norm. */
export function clipGradNorm({ tf }: Context, gradients: ReadonlyMap<string, Tensor>, limit: number | null): Clipped {
  const squares = [...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)));
  const norm: Tensor = tf.sqrt(tf.addN(squares));
  if (limit === null) return { gradients: new Map(gradients), norm };
  const factor = tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6)));
  return { gradients: new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, factor)])), norm };
}
