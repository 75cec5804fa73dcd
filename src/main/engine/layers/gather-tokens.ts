import type { Context, Tensor } from '../types';
import { FLOAT, int } from './attrs';

/**
 * Gathers tokens by their index: x float32 [N, L, C] of every image, or [L, C] shared by all images, and ids int32 [N,
 * K] -> [N, K, C]. No gradient reaches x.
 */
export function gatherTokens({ tf, raw, op }: Context, x: Tensor, ids: Tensor): Tensor {
  const axis = x.shape.length - 2;
  if (!raw) return tf.gather(x, ids as never, axis, axis);
  const index = { kind: 'type', value: 'int32' } as const;
  const attrs = { Tparams: FLOAT, Tindices: index, Taxis: index, batch_dims: int(axis) };
  return op('GatherV2', [x, ids, tf.scalar(axis, 'int32')], attrs)[0] as Tensor;
}
