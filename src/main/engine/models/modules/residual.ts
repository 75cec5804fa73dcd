import { dropPath } from '../../layers/drop-path';
import type { Tensor } from '../../types';
import type { Module, Pass } from './module';

/** Drops the branch of whole images, whether x is a map [N, H, W, C] or flat tokens [N * L, C]. */
function dropped({ context, batch, keep }: Pass, x: Tensor, column: number | null): Tensor {
  if (!keep || column === null) return x;
  const { tf } = context;
  return tf.reshape(dropPath(context, tf.reshape(x, [batch, x.size / batch]), keep, column), x.shape);
}

/**
 * Computes x + branch(x), or skip(x) + branch(x).
 * @param column of `keep`; null where the branch is never dropped @param skip changes no shape
 */
export function residual(branch: Module, column: number | null, skip?: Module): Module {
  return {
    // timm's blocks list the skip's parameters after the branch's.
    params: [...branch.params, ...(skip?.params ?? [])],
    shape: branch.shape,
    macs: (input) => branch.macs(input) + (skip?.macs(input) ?? 0),
    apply: (pass, x) =>
      pass.context.tf.add(skip ? skip.apply(pass, x) : x, dropped(pass, branch.apply(pass, x), column)),
  };
}
