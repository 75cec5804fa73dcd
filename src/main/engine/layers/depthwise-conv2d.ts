import type { Context, Tensor } from '../types';
import { int } from './attrs';
import { convolve, isSame, zeroPadded } from './convolve';
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
  const same = isSame(filter, stride, pad);
  const image = same || pad === 0 ? x : zeroPadded(tf, x, pad);
  const value = raw
    ? convolve(context, 'DepthwiseConv2dNative', image, filter, stride, same ? 'SAME' : 'VALID')
    : (tf.depthwiseConv2d(image as never, filter as never, stride, same ? 'same' : 'valid') as Tensor);
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
  const attrs = { stride: int(stride), padding: int(pad) };
  return withGradient(
    tf,
    [x, filter, bias ?? tf.zeros([0])],
    (...inputs) => ({ value: op('StudioDepthwise', inputs, attrs)[0] as Tensor, saved: [inputs[0], inputs[1]] }),
    (dy, [image, kernel]) => op('StudioDepthwiseGrad', [dy, image, kernel], attrs, 3),
  );
}
