import type { Context, Tensor } from '../types';
import { int } from '../layers/attrs';

export interface Clipping {
  /** Global L2 norm before clipping, a scalar. */
  norm: Tensor;
  /** Factor of all gradients, a scalar; null where they stay as they are. */
  factor: Tensor | null;
}

/**
 * Clips by the global L2 norm as torch.nn.utils.clip_grad_norm_ does: all gradients times min(1, limit / (norm +
 * 1e-6)).
 * @param limit null: nothing is clipped, and only the norm is computed
 */
export function clipGradNorm(context: Context, gradients: ReadonlyMap<string, Tensor>, limit: number | null): Clipping {
  const { tf } = context;
  const norm = globalNorm(context, [...gradients.values()]);
  return { norm, factor: limit === null ? null : tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6))) };
}

function globalNorm({ tf, op, kernels }: Context, gradients: Tensor[]): Tensor {
  if (kernels) return op('StudioGlobalNorm', gradients, { N: int(gradients.length) })[0] as Tensor;
  return tf.sqrt(tf.addN(gradients.map((gradient): Tensor => tf.sum(tf.square(gradient)))));
}
