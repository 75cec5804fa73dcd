import { cropMatrix, resizeMatrix } from '../../../shared/curriculum/low-frequency';
import type { Attr, Context, Tensor } from '../types';

/**
 * Applies the low-frequency crop on the device (see shared/curriculum/low-frequency.ts): x float32 [N, H, W, C] in 0..1
 * -> [N, B, B, C], within 1e-5 of numpy's FFT. It is two small matrix products; for an even B the Nyquist term is one
 * more row of each matrix.
 */
export function lowFrequencyCrop(context: Context, x: Tensor, bandwidth: number, mode: 'crop' | 'resize'): Tensor {
  const { tf } = context;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  if (height === bandwidth && width === bandwidth) return x;
  const { vertical, horizontal, rows, unpaired } = matricesOf(context, height, width, bandwidth, mode);
  // Height comes first because it shrinks the larger product: [rows, H] x [N, H, W * C].
  const left = tf.tile(tf.reshape(vertical, [1, rows, height]), [batch, 1, 1]);
  const half = tf.reshape(tf.matMul(left, tf.reshape(x, [batch, height, width * channels])), [
    batch,
    rows,
    width,
    channels,
  ]);
  const byChannel = tf.reshape(tf.transpose(half, [0, 1, 3, 2]), [batch * rows * channels, width]);
  const both = tf.reshape(tf.matMul(byChannel, horizontal, false, true), [batch, rows, channels, rows]);
  const image: Tensor = tf.transpose(both, [0, 1, 3, 2]);
  if (!unpaired) return image;
  const kept = tf.slice(image, [0, 0, 0, 0], [batch, bandwidth, bandwidth, channels]);
  const corner = tf.slice(image, [0, bandwidth, bandwidth, 0], [batch, 1, 1, channels]);
  const signs = Float32Array.from({ length: bandwidth * bandwidth }, (_, index) =>
    (Math.floor(index / bandwidth) + (index % bandwidth)) % 2 ? -1 : 1,
  );
  return tf.sub(kept, tf.mul(context.constant(signs, [1, bandwidth, bandwidth, 1], 'float32'), corner));
}

interface Matrices {
  /** [rows, height] */
  vertical: Tensor;
  /** [rows, width] */
  horizontal: Tensor;
  /** The bandwidth, plus one for the Nyquist term. */
  rows: number;
  unpaired: boolean;
}

function matricesOf(
  context: Context,
  height: number,
  width: number,
  bandwidth: number,
  mode: 'crop' | 'resize',
): Matrices {
  const [vertical, horizontal] =
    mode === 'crop'
      ? [cropMatrix(height, bandwidth), cropMatrix(width, bandwidth)]
      : [plain(height, bandwidth), plain(width, bandwidth)];
  // The term is a product of both axes' Nyquist rows, so it exists only where both axes have one.
  const unpaired = vertical.nyquist !== null && horizontal.nyquist !== null;
  const rows = bandwidth + (unpaired ? 1 : 0);
  const matrix = (real: Float64Array, nyquist: Float64Array | null, size: number): Tensor => {
    const values = new Float32Array(rows * size);
    values.set(real);
    if (unpaired && nyquist) values.set(nyquist, bandwidth * size);
    return context.constant(values, [rows, size], 'float32');
  };
  return {
    ...{
      vertical: matrix(vertical.real, vertical.nyquist, height),
      horizontal: matrix(horizontal.real, horizontal.nyquist, width),
    },
    ...{ rows, unpaired },
  };
}

/** Computes the same for uint8 [N, H, W, 3], as 0..255, by our own op (backend/native/kernels); it has no gradient. */
export function lowFrequencyCropOf8Bit(
  context: Context,
  images: Tensor,
  bandwidth: number,
  mode: 'crop' | 'resize',
): Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  if (height === bandwidth && width === bandwidth) return context.tf.cast(images, 'float32');
  const { vertical, horizontal } = matricesOf(context, height, width, bandwidth, mode);
  // The crop mirrors positions about the first pixel, a resize about the middle of the image.
  const attrs: Record<string, Attr> = {
    bandwidth: { kind: 'int', value: bandwidth },
    offset: { kind: 'int', value: mode === 'crop' ? 0 : 1 },
  };
  return context.op('StudioLowFrequencyCrop', [images, vertical, horizontal], attrs)[0] as Tensor;
}

const plain = (size: number, bandwidth: number): { real: Float64Array; nyquist: null } => ({
  real: resizeMatrix(size, bandwidth),
  nyquist: null,
});
