import type { Attr, Context, Tensor } from '../types';
import { FLOAT, int, NHWC, text } from './attrs';
import { zeroPadded } from './convolve';
import { withGradient } from './with-gradient';

/**
 * Applies max pooling to x [N, H, W, C] >= 0 with PyTorch's symmetric padding. The padding is zeros, which never exceed
 * a real value because x is not negative: use it after a ReLU.
 */
export function maxPool({ tf, raw, op }: Context, x: Tensor, kernel: number, stride: number, padding: number): Tensor {
  const padded = zeroPadded(tf, x, padding);
  if (!raw) return tf.maxPool(padded as never, kernel, stride, 'valid');
  const attrs: Record<string, Attr> = {
    T: FLOAT,
    ksize: int([1, kernel, kernel, 1]),
    strides: int([1, stride, stride, 1]),
    padding: text('VALID'),
    data_format: NHWC,
  };
  return withGradient(
    tf,
    [padded],
    (input) => {
      const value = op('MaxPool', [input], attrs)[0] as Tensor;
      return { value, saved: [input, value] };
    },
    (dy, saved) => op('MaxPoolGrad', [...saved, dy], attrs)[0] as Tensor,
  );
}
