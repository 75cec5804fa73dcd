import { antialiasedTaps, tapsMatrix } from '../antialiased-taps';
import { complex, transformOf } from './fourier';

/**
 * The low-frequency crop (Wang et al., TPAMI 2024, sec. 4.1) as matrices: for an axis of H pixels, A = (B / H) . IDFT_B
 * . crop . DFT_H keeps the central B frequencies -floor(B/2) ... ceil(B/2)-1 and the mean. The crop is separable, Y =
 * Re(A_H X A_W^T); with A = R + iS, Y = R_H X R_W^T - S_H X S_W^T, where S is zero but for an even B < H, and then has
 * rank one (the unpaired Nyquist frequency).
 */
export interface CropMatrix {
  /** R, row major [bandwidth, size]. */
  real: Float64Array;
  /** s with S[m, n] = (-1)^m s[n]; null where S is zero. */
  nyquist: Float64Array | null;
}

/**
 * Returns the crop's matrix for one axis.
 * @param size pixels of the axis @param bandwidth pixels kept, at most `size`
 */
export function cropMatrix(size: number, bandwidth: number): CropMatrix {
  if (bandwidth > size) throw new Error(`bandwidth ${bandwidth} is larger than the axis of ${size} pixels`);
  const real = new Float64Array(bandwidth * size);
  const even = bandwidth % 2 === 0;
  const circle = bandwidth * size;
  // Frequencies that come as a pair +-k and zero: an odd number of them, whose sum is Dirichlet's kernel; an even B has
  // one more, without a partner.
  const paired = even ? bandwidth - 1 : bandwidth;
  for (let m = 0; m < bandwidth; m++) {
    for (let n = 0; n < size; n++) {
      // The angle 2 pi (m / B - n / H) is taken modulo the circle, near zero, so that the quotient of two sines loses
      // no digits.
      const whole = (m * size - n * bandwidth) % circle;
      const part = Math.min(Math.abs(whole), circle - Math.abs(whole));
      const kernel =
        part === 0 ? paired : Math.sin((Math.PI * paired * part) / circle) / Math.sin((Math.PI * part) / circle);
      real[m * size + n] = (kernel + (even ? Math.cos((Math.PI * bandwidth * part) / circle) : 0)) / size;
    }
  }
  // exp(-i (B/2) angle) = (-1)^m (cos + i sin)(pi B n / H) is the part that R has not taken.
  const unpaired = even && bandwidth < size;
  const nyquist = unpaired
    ? Float64Array.from({ length: size }, (_, n) => Math.sin((Math.PI * bandwidth * n) / size) / size)
    : null;
  return { real, nyquist };
}

const lanczos3 = (x: number): number => {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const t = Math.PI * x;
  return (3 * Math.sin(t) * Math.sin(t / 3)) / (t * t);
};

/**
 * Returns the matrix of mode `resize`, the released code's approximation: antialiased Lanczos resampling of one axis,
 * [bandwidth, size], whose rows sum to 1.
 */
export const resizeMatrix = (size: number, bandwidth: number): Float64Array =>
  tapsMatrix(
    antialiasedTaps(size, bandwidth, 3, (distance, stretch) => lanczos3(distance / stretch)),
    size,
  );

export interface HostImage {
  /** [height, width, channels] row major, 0..1. */
  data: Float32Array;
  height: number;
  width: number;
  channels: number;
}

/**
 * Multiplies left [rows, height] with the image along the height, then right [columns, width] along the width, in
 * float64.
 */
function separable(
  { data, height, width, channels }: HostImage,
  left: Float64Array,
  right: Float64Array,
): Float64Array {
  const [rows, columns] = [left.length / height, right.length / width];
  const stride = width * channels;
  const half = new Float64Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let y = 0; y < height; y++) {
      const weight = left[row * height + y] as number;
      if (weight === 0) continue;
      for (let x = 0; x < stride; x++)
        half[row * stride + x] = (half[row * stride + x] as number) + weight * (data[y * stride + x] as number);
    }
  }
  const out = new Float64Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let x = 0; x < width; x++) {
        const weight = right[column * width + x] as number;
        if (weight === 0) continue;
        for (let c = 0; c < channels; c++) {
          const at = (row * columns + column) * channels + c;
          out[at] = (out[at] as number) + weight * (half[row * stride + x * channels + c] as number);
        }
      }
    }
  }
  return out;
}

/**
 * Returns the indices of the `bandwidth` central frequencies of an axis of `size` in its spectrum; entry k belongs to
 * frequency k of the small one.
 */
const kept = (size: number, bandwidth: number): number[] =>
  Array.from({ length: bandwidth }, (_, k) => (k < Math.ceil(bandwidth / 2) ? k : size - bandwidth + k));

/**
 * Crops one channel by the definition: transform, keep the central frequencies, transform back; unscaled [bandwidth,
 * bandwidth].
 */
function cropChannel({ data, height, width, channels }: HostImage, channel: number, bandwidth: number): Float64Array {
  const [along, down] = [transformOf(width, -1), transformOf(height, -1, bandwidth)];
  const [row, columns] = [complex(width), complex(height * bandwidth)];
  const across = kept(width, bandwidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row.re[x] = data[(y * width + x) * channels + channel] as number;
    row.im.fill(0);
    along(row);
    across.forEach(
      (from, v) =>
        ([columns.re[y * bandwidth + v], columns.im[y * bandwidth + v]] = [
          row.re[from] as number,
          row.im[from] as number,
        ]),
    );
  }
  down(columns);
  const small = complex(bandwidth * bandwidth);
  for (const [u, from] of kept(height, bandwidth).entries()) {
    for (const part of ['re', 'im'] as const)
      small[part].set(columns[part].subarray(from * bandwidth, (from + 1) * bandwidth), u * bandwidth);
  }
  transformOf(bandwidth, 1, bandwidth)(small);
  const back = transformOf(bandwidth, 1);
  for (let at = 0; at < bandwidth * bandwidth; at += bandwidth)
    back({ re: small.re.subarray(at, at + bandwidth), im: small.im.subarray(at, at + bandwidth) });
  return small.re;
}

/** Crops a host image to bandwidth x bandwidth, at most its shorter side; neither clamped nor rounded. */
export function lowFrequencyCrop(image: HostImage, bandwidth: number, mode: 'crop' | 'resize' = 'crop'): HostImage {
  const { height, width, channels } = image;
  if (bandwidth > Math.min(height, width))
    throw new Error(`bandwidth ${bandwidth} is larger than the image of ${height} x ${width}`);
  if (mode === 'resize') {
    const values = separable(image, resizeMatrix(height, bandwidth), resizeMatrix(width, bandwidth));
    return { data: Float32Array.from(values), height: bandwidth, width: bandwidth, channels };
  }
  const data = new Float32Array(bandwidth * bandwidth * channels);
  for (let channel = 0; channel < channels; channel++) {
    cropChannel(image, channel, bandwidth).forEach(
      (value, pixel) => (data[pixel * channels + channel] = value / (height * width)),
    );
  }
  return { data, height: bandwidth, width: bandwidth, channels };
}
