import type { Attr, Context, Tensor } from '../types';
import { FLOAT, list, NHWC, text } from './attrs';
import { plusBias } from './plus-bias';
import { withGradient } from './with-gradient';

export interface DepthwiseOptions {
  stride: number;
  /** Number of zeros added on each of the four sides, in pixels. */
  pad: number;
}

/**
 * Convolves each channel with a kernel of its own (Chollet, CVPR 2017): x [N, H, W, C], filter [kh, kw, C, 1], bias [C]
 * or null -> [N, H', W', C], where H' is floor((H + 2 pad - kh) / stride) + 1.
 */
export function depthwiseConv2d(
  context: Context,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  { stride, pad }: DepthwiseOptions,
): Tensor {
  const { tf, raw, kernels } = context;
  if (kernels) return own(context, x, filter, bias, { stride, pad });
  const same = stride === 1 && 2 * pad + 1 === filter.shape[0] && filter.shape[0] === filter.shape[1];
  const around: [number, number] = [pad, pad];
  const image = same || pad === 0 ? x : tf.pad(x, [[0, 0], around, around, [0, 0]]);
  const convolve = raw ? asOps : composed;
  const value = convolve(context, image, filter, stride, same ? 'SAME' : 'VALID');
  return bias ? plusBias(context, value, bias) : value;
}

/** Computes the same by one op forward and one for all gradients. The op takes an empty bias for a missing one. */
function own(
  { tf, op }: Context,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  { stride, pad }: DepthwiseOptions,
): Tensor {
  const attrs: Record<string, Attr> = { stride: { kind: 'int', value: stride }, padding: { kind: 'int', value: pad } };
  return withGradient(
    tf,
    [x, filter, bias ?? tf.zeros([0])],
    (...inputs) => ({ value: op('StudioDepthwise', inputs, attrs)[0] as Tensor, saved: [inputs[0], inputs[1]] }),
    (dy, [image, kernel]) => op('StudioDepthwiseGrad', [dy, image, kernel], attrs, 3),
  );
}

type Padding = 'SAME' | 'VALID';

function composed({ tf }: Context, x: Tensor, filter: Tensor, stride: number, padding: Padding): Tensor {
  return tf.depthwiseConv2d(x as never, filter as never, stride, padding === 'SAME' ? 'same' : 'valid');
}

function asOps({ tf, op }: Context, x: Tensor, filter: Tensor, stride: number, padding: Padding): Tensor {
  const attrs: Record<string, Attr> = {
    T: FLOAT,
    strides: list([1, stride, stride, 1]),
    data_format: NHWC,
    dilations: list([1, 1, 1, 1]),
    padding: text(padding),
  };
  const sizes = (shape: number[]): Tensor => tf.tensor1d(shape, 'int32');
  return withGradient(
    tf,
    [x, filter],
    (image, kernel) => ({
      value: op('DepthwiseConv2dNative', [image, kernel], attrs)[0] as Tensor,
      saved: [image, kernel],
    }),
    (dy, [image, kernel]) => [
      op('DepthwiseConv2dNativeBackpropInput', [sizes(image.shape), kernel, dy], attrs)[0] as Tensor,
      op('DepthwiseConv2dNativeBackpropFilter', [image, sizes(kernel.shape), dy], attrs)[0] as Tensor,
    ],
  );
}
