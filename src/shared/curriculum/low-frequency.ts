/**
 * The low-frequency crop (Wang et al., TPAMI 2024, sec. 4.1) as matrices: for an axis of H pixels, A = (B / H) . IDFT_B . crop . DFT_H keeps the
 * central B frequencies -floor(B/2) ... ceil(B/2)-1 and the mean. The crop is separable, Y = Re(A_H X A_W^T); with A = R + iS,
 * Y = R_H X R_W^T - S_H X S_W^T, where S is zero but for an even B < H, and then has rank one (the unpaired Nyquist frequency).
 */
export interface CropMatrix {
  /** R, row major [bandwidth, size]. */
  real: Float64Array;
  /** s with S[m, n] = (-1)^m s[n]; null where S is zero. */
  nyquist: Float64Array | null;
}

export function cropMatrix(size: number, bandwidth: number): CropMatrix {
  if (bandwidth > size) throw new Error(`bandwidth ${bandwidth} is larger than the axis of ${size} pixels`);
  const real = new Float64Array(bandwidth * size);
  const even = bandwidth % 2 === 0;
  const unpaired = even && bandwidth < size;
  // Frequencies that come in pairs +-k, and the one without a partner.
  const pairs = even ? bandwidth / 2 - 1 : (bandwidth - 1) / 2;
  for (let m = 0; m < bandwidth; m++) {
    for (let n = 0; n < size; n++) {
      const angle = 2 * Math.PI * (m / bandwidth - n / size);
      let sum = 1;
      for (let k = 1; k <= pairs; k++) sum += 2 * Math.cos(k * angle);
      if (even) sum += Math.cos((bandwidth / 2) * angle);
      real[m * size + n] = sum / size;
    }
  }
  // exp(-i (B/2) angle) = (-1)^m (cos + i sin)(pi B n / H): what R has not taken.
  const nyquist = unpaired ? Float64Array.from({ length: size }, (_, n) => Math.sin((Math.PI * bandwidth * n) / size) / size) : null;
  return { real, nyquist };
}

const lanczos3 = (x: number): number => {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const t = Math.PI * x;
  return (3 * Math.sin(t) * Math.sin(t / 3)) / (t * t);
};

/** Mode `resize`, the released code's approximation: antialiased Lanczos resampling of one axis, [bandwidth, size], rows sum to 1. */
export function resizeMatrix(size: number, bandwidth: number): Float64Array {
  const matrix = new Float64Array(bandwidth * size);
  const scale = size / bandwidth;
  const stretch = Math.max(scale, 1);
  for (let row = 0; row < bandwidth; row++) {
    const centre = (row + 0.5) * scale;
    const first = Math.max(Math.floor(centre - 3 * stretch + 0.5), 0);
    const last = Math.min(Math.floor(centre + 3 * stretch + 0.5), size);
    const weights = Array.from({ length: last - first }, (_, index) => lanczos3((index + first - centre + 0.5) / stretch));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, index) => (matrix[row * size + first + index] = weight / total));
  }
  return matrix;
}

export interface HostImage {
  /** [height, width, channels] row major, 0..1. */
  data: Float32Array;
  height: number;
  width: number;
  channels: number;
}

/** left [rows, height] times image along the height, then right [columns, width] along the width; in float64. */
function separable({ data, height, width, channels }: HostImage, left: Float64Array, right: Float64Array): Float64Array {
  const [rows, columns] = [left.length / height, right.length / width];
  const stride = width * channels;
  const half = new Float64Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let y = 0; y < height; y++) {
      const weight = left[row * height + y] as number;
      for (let x = 0; x < stride; x++) half[row * stride + x] = (half[row * stride + x] as number) + weight * (data[y * stride + x] as number);
    }
  }
  const out = new Float64Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let x = 0; x < width; x++) {
        const weight = right[column * width + x] as number;
        for (let c = 0; c < channels; c++) {
          const at = (row * columns + column) * channels + c;
          out[at] = (out[at] as number) + weight * (half[row * stride + x * channels + c] as number);
        }
      }
    }
  }
  return out;
}

/** The crop of a host image to bandwidth x bandwidth; neither clamped nor rounded. */
export function lowFrequencyCrop(image: HostImage, bandwidth: number, mode: 'crop' | 'resize' = 'crop'): HostImage {
  const { height, width, channels } = image;
  const made = (values: Float64Array): HostImage => ({ data: Float32Array.from(values), height: bandwidth, width: bandwidth, channels });
  if (mode === 'resize') return made(separable(image, resizeMatrix(height, bandwidth), resizeMatrix(width, bandwidth)));
  const [vertical, horizontal] = [cropMatrix(height, bandwidth), cropMatrix(width, bandwidth)];
  const values = separable(image, vertical.real, horizontal.real);
  if (vertical.nyquist && horizontal.nyquist) {
    const corner = separable(image, vertical.nyquist, horizontal.nyquist);
    for (let m = 0; m < bandwidth; m++)
      for (let n = 0; n < bandwidth; n++)
        for (let c = 0; c < channels; c++) {
          const at = (m * bandwidth + n) * channels + c;
          values[at] = (values[at] as number) - ((m + n) % 2 ? -1 : 1) * (corner[c] as number);
        }
  }
  return made(values);
}
