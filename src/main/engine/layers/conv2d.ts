import type { Attr, Context, Tensor } from '../types';
import { explicitPadding, FLOAT, list, NHWC } from './attrs';

/**
 * x [N, H, W, in], weight [kh, kw, in, out] -> [N, H', W', out]. Pads symmetrically by `padding` pixels as PyTorch does;
 * TensorFlow's SAME pads unevenly where the stride is 2.
 */
export function conv2d({ tf, raw, op }: Context, x: Tensor, weight: Tensor, stride: number, padding: number): Tensor {
  if (!raw) {
    return tf.conv2d(x as never, weight as never, stride, [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ]);
  }
  const attrs: Record<string, Attr> = {
    T: FLOAT,
    strides: list([1, stride, stride, 1]),
    data_format: NHWC,
    dilations: list([1, 1, 1, 1]),
    ...explicitPadding(padding),
  };
  const sizes = (shape: number[]): Tensor => tf.tensor1d(shape, 'int32');
  return tf.customGrad((...args: unknown[]) => {
    const [image, filter, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
    save([image, filter]);
    return {
      value: op('Conv2D', [image, filter], attrs)[0] as Tensor,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input, kernel] = saved as [Tensor, Tensor];
        return [
          op('Conv2DBackpropInput', [sizes(input.shape), kernel, dy], attrs)[0] as Tensor,
          op('Conv2DBackpropFilter', [input, sizes(kernel.shape), dy], attrs)[0] as Tensor,
        ];
      },
    };
  })(x, weight);
}
