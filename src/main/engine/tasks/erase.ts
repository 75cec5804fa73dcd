import type { Context, Tensor } from '../types';

/**
 * Erases given rectangles (random erasing, Zhong et al., AAAI 2020): x float32 [N, B, B, 3] normalised, erase int32 [N,
 * 4] as top, left, height, width. `pixel` fills with standard normal noise drawn from `seed` int32 [2], `const` with
 * zeros (timm's modes).
 */
export function eraseRectangles(
  context: Context,
  x: Tensor,
  erase: Tensor,
  seed: Tensor,
  mode: 'pixel' | 'const',
): Tensor {
  const { tf } = context;
  const [batch, side] = x.shape as [number, number];
  const positions = tf.tensor1d(
    Int32Array.from({ length: side }, (_, index) => index),
    'int32',
  );
  const column = (index: number): Tensor => tf.slice(erase, [0, index], [batch, 1]);
  const inside = (start: Tensor, length: Tensor): Tensor =>
    tf.cast(tf.logicalAnd(tf.greaterEqual(positions, start), tf.less(positions, tf.add(start, length))), 'float32');
  const rows = tf.reshape(inside(column(0), column(2)), [batch, side, 1, 1]);
  const columns = tf.reshape(inside(column(1), column(3)), [batch, 1, side, 1]);
  const mask = tf.mul(rows, columns);
  const kept: Tensor = tf.mul(x, tf.sub(1, mask));
  return mode === 'const' ? kept : tf.add(kept, tf.mul(context.normal(x.shape, seed), mask));
}
