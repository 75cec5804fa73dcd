import type { Context, Tensor } from '../types';
import { withGradient } from './with-gradient';

/** Multiplies each channel by a trained factor: x [rows, width], factor [width] -> [rows, width]. */
export function scaleChannels({ tf, op, kernels }: Context, x: Tensor, factor: Tensor): Tensor {
  return withGradient(
    tf,
    [x, factor],
    (input, scale) => ({ value: tf.mul(input, scale), saved: [input, scale] }),
    (dy, [input, scale]) =>
      kernels
        ? op('StudioScaleChannelsGrad', [dy, input, scale], {}, 2)
        : [tf.mul(dy, scale), tf.sum(tf.mul(dy, input), 0)],
  );
}
