import type { Context, Tensor } from '../types';
import { FLOAT, int } from './attrs';
import { withGradient } from './with-gradient';

/** Returns the order that undoes another. */
export function inverseOrder(order: Int32Array): Int32Array {
  const inverse = new Int32Array(order.length);
  order.forEach((from, to) => (inverse[from] = to));
  return inverse;
}

/**
 * Permutes the tokens of every image: x float32 [N, L, C], order a permutation of 0..L-1 -> [N, L, C], whose token i is
 * token order[i] of x. Forward and backward are one gather each.
 */
export function permuteTokens(context: Context, x: Tensor, order: Int32Array): Tensor {
  return withGradient(
    context.tf,
    [x],
    (input) => ({ value: gathered(context, input, order), saved: [] }),
    (dy) => gathered(context, dy, inverseOrder(order)),
  );
}

function gathered({ tf, raw, op, constant }: Context, x: Tensor, order: Int32Array): Tensor {
  const ids = constant(order, [order.length], 'int32');
  if (!raw) return tf.gather(x, ids as never, 1);
  const index = { kind: 'type', value: 'int32' } as const;
  const attrs = { Tparams: FLOAT, Tindices: index, Taxis: index, batch_dims: int(0) };
  return op('GatherV2', [x, ids, tf.scalar(1, 'int32')], attrs)[0] as Tensor;
}
