import type { Attr, Context, Tensor, TF } from '../types';
import { FLOAT, int, NHWC, text } from './attrs';
import { withGradient } from './with-gradient';

/** TensorFlow's convolutions, each with an op for the gradient at its input and one for that at its weight. */
export type Convolution = 'Conv2D' | 'DepthwiseConv2dNative';

/** Returns the attributes of a convolution of maps [N, H, W, C]. */
export const convolutionAttrs = (stride: number, padding: 'SAME' | 'VALID' | 'EXPLICIT'): Record<string, Attr> => ({
  T: FLOAT,
  strides: int([1, stride, stride, 1]),
  data_format: NHWC,
  dilations: int([1, 1, 1, 1]),
  padding: text(padding),
});

/**
 * Says whether TensorFlow's SAME pads like `padding` zeros on each side, which is so where the map keeps its size.
 * @param weight [kh, kw, ...]
 */
export const isSame = (weight: Tensor, stride: number, padding: number): boolean =>
  stride === 1 && 2 * padding + 1 === weight.shape[0] && weight.shape[0] === weight.shape[1];

/** Adds `padding` zeros on each side of maps: x [N, H, W, C] -> [N, H + 2 padding, W + 2 padding, C]. */
export function zeroPadded(tf: TF, x: Tensor, padding: number): Tensor {
  const around: [number, number] = [padding, padding];
  return tf.pad(x, [[0, 0], around, around, [0, 0]]);
}

/**
 * Convolves by TensorFlow's own ops: x [N, H, W, in] -> [N, H', W', out]. The weight is [kh, kw, in, out], or [kh, kw,
 * in, 1] where each channel has a kernel of its own.
 */
export function convolve(
  { tf, op }: Context,
  name: Convolution,
  x: Tensor,
  weight: Tensor,
  stride: number,
  padding: 'SAME' | 'VALID',
): Tensor {
  const attrs = convolutionAttrs(stride, padding);
  const sizes = (shape: number[]): Tensor => tf.tensor1d(shape, 'int32');
  return withGradient(
    tf,
    [x, weight],
    (image, filter) => ({ value: op(name, [image, filter], attrs)[0] as Tensor, saved: [image, filter] }),
    (dy, [image, filter]) => [
      op(`${name}BackpropInput`, [sizes(image.shape), filter, dy], attrs)[0] as Tensor,
      op(`${name}BackpropFilter`, [image, sizes(filter.shape), dy], attrs)[0] as Tensor,
    ],
  );
}
