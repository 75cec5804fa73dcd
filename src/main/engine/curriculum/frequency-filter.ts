import { circleOf, frequency } from '../../../shared/curriculum/low-pass';
import type { FrequencyFilter } from '../../../shared/run-config';
import type { Context, Tensor } from '../types';

/** Returns the Hartley transform of one axis for the frequencies inside a circle: float32 [size, kept]. */
function hartley(size: number, limit: number): { values: Float32Array; kept: number[] } {
  const kept = Array.from({ length: size }, (_, k) => k).filter((k) => frequency(k, size) ** 2 <= limit);
  const values = new Float32Array(size * kept.length);
  for (let n = 0; n < size; n++) {
    kept.forEach((k, column) => {
      // The angle is taken modulo the circle, so that large products lose no digits.
      const angle = (2 * Math.PI * ((n * k) % size)) / size;
      values[n * kept.length + column] = Math.cos(angle) + Math.sin(angle);
    });
  }
  return { values, kept };
}

interface Axis {
  /** [size, kept] */
  forward: Tensor;
  /** [kept, size] */
  back: Tensor;
  kept: number[];
  size: number;
}

function axisOf(context: Context, size: number, limit: number): Axis {
  const { values, kept } = hartley(size, limit);
  const back = new Float32Array(values.length);
  for (let n = 0; n < size; n++) kept.forEach((_, k) => (back[k * size + n] = values[n * kept.length + k] as number));
  return {
    forward: context.constant(values, [size, kept.length], 'float32'),
    back: context.constant(back, [kept.length, size], 'float32'),
    ...{ kept, size },
  };
}

/** Returns 1 / (H W) for a pair of frequencies inside the circle, else 0: [columns, rows]. */
function maskOf(rows: Axis, columns: Axis, limit: number): Float32Array {
  return Float32Array.from({ length: rows.kept.length * columns.kept.length }, (_, at) => {
    const u = frequency(rows.kept[at % rows.kept.length] as number, rows.size);
    const v = frequency(columns.kept[Math.floor(at / rows.kept.length)] as number, columns.size);
    return u ** 2 + v ** 2 <= limit ? 1 / (rows.size * columns.size) : 0;
  });
}

/**
 * Applies the low-pass on the device (see shared/curriculum/low-pass.ts): x float32 [N, H, W, C] -> the same shape. A
 * circle is not separable, so the spectrum is computed, masked and transformed back. The real Hartley transform
 * (Bracewell, 1983) along both axes serves as well as Fourier's: it mixes only the frequencies (+-u, +-v), which a
 * circle keeps or drops together.
 */
function lowPass(context: Context, x: Tensor, radius: number): Tensor {
  const { tf } = context;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const limit = circleOf(radius, height, width);
  const [rows, columns] = [axisOf(context, height, limit), axisOf(context, width, limit)];
  const [planes, u, v] = [batch * channels, rows.kept.length, columns.kept.length];
  const product = (values: Tensor, matrix: Tensor): Tensor => tf.matMul(values, matrix);
  const across = product(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [planes * height, width]), columns.forward);
  const turned = tf.transpose(tf.reshape(across, [planes, height, v]), [0, 2, 1]);
  const spectrum = tf.reshape(product(tf.reshape(turned, [planes * v, height]), rows.forward), [planes, v, u]);
  const cut = tf.mul(spectrum, context.constant(maskOf(rows, columns, limit), [1, v, u], 'float32'));
  const down = tf.reshape(product(tf.reshape(cut, [planes * v, u]), rows.back), [planes, v, height]);
  const upright = tf.reshape(tf.transpose(down, [0, 2, 1]), [planes * height, v]);
  const image = tf.reshape(product(upright, columns.back), [batch, channels, height, width]);
  return tf.transpose(image, [0, 2, 3, 1]);
}

/** Filters x float32 [N, H, W, C] -> the same shape, within 1e-5 of numpy's FFT for values in 0..1. */
export function frequencyFilter(context: Context, x: Tensor, { kind, radius }: FrequencyFilter): Tensor {
  const low = lowPass(context, x, radius);
  return kind === 'low_pass' ? low : context.tf.sub(x, low);
}
