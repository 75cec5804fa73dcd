/** PIL's antialiased resampling of 8-bit images (Pillow's Resample.c): separable, support scaled with the reduction, fixed point with 22 bits. */
import { blank, type Rgb } from './rgb';

export type Filter = 'bicubic' | 'bilinear';

const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

const FILTERS: Record<Filter, { support: number; weight: (x: number) => number }> = {
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  // Keys's kernel with a = -0.5.
  bicubic: {
    support: 2,
    weight: (distance) => {
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
      return 0;
    },
  },
};

interface Axis {
  /** First source position of each output position. */
  first: Int32Array;
  /** Number of source positions of each. */
  count: Int32Array;
  /** Weights in fixed point, `taps` for each output position. */
  weights: Int32Array;
  taps: number;
}

const axes = new Map<string, Axis>();
/** Random crops have many sizes; a bounded memory of their weights still helps evaluation, where all are alike. */
const KEPT_AXES = 256;

function axisOf(from: number, to: number, filter: Filter): Axis {
  const key = `${filter} ${from} ${to}`;
  const known = axes.get(key);
  if (known) return known;
  if (axes.size >= KEPT_AXES) axes.clear();
  const { support, weight } = FILTERS[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const taps = Math.ceil(reach) * 2 + 1;
  const made: Axis = { first: new Int32Array(to), count: new Int32Array(to), weights: new Int32Array(to * taps), taps };
  for (let position = 0; position < to; position++) {
    const centre = (position + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const count = Math.min(Math.trunc(centre + reach + 0.5), from) - first;
    const values = Array.from({ length: count }, (_, index) => weight((index + first - centre + 0.5) * (1 / stretch)));
    const total = values.reduce((sum, value) => sum + value, 0);
    made.first[position] = first;
    made.count[position] = count;
    values.forEach((value, index) => {
      const share = value / total;
      made.weights[position * taps + index] = Math.trunc((share < 0 ? -0.5 : 0.5) + share * (1 << PRECISION));
    });
  }
  axes.set(key, made);
  return made;
}

const clip = (sum: number): number => {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

function horizontal({ data, width, height }: Rgb, to: number, filter: Filter): Rgb {
  const { first, count, weights, taps } = axisOf(width, to, filter);
  const out = blank(to, height);
  for (let column = 0; column < to; column++) {
    const [start, length] = [(first[column] as number) * 3, count[column] as number];
    const base = column * taps;
    for (let row = 0; row < height; row++) {
      let [r, g, b] = [HALF, HALF, HALF];
      let at = row * width * 3 + start;
      for (let tap = base; tap < base + length; tap++, at += 3) {
        const weight = weights[tap] as number;
        r += (data[at] as number) * weight;
        g += (data[at + 1] as number) * weight;
        b += (data[at + 2] as number) * weight;
      }
      const place = (row * to + column) * 3;
      out.data[place] = clip(r);
      out.data[place + 1] = clip(g);
      out.data[place + 2] = clip(b);
    }
  }
  return out;
}

function vertical({ data, width, height }: Rgb, to: number, filter: Filter): Rgb {
  const { first, count, weights, taps } = axisOf(height, to, filter);
  const out = blank(width, to);
  const stride = width * 3;
  const sums = new Int32Array(stride);
  for (let row = 0; row < to; row++) {
    sums.fill(HALF);
    for (let tap = 0; tap < (count[row] as number); tap++) {
      const weight = weights[row * taps + tap] as number;
      const from = ((first[row] as number) + tap) * stride;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x] as number) + (data[from + x] as number) * weight;
    }
    for (let x = 0; x < stride; x++) out.data[row * stride + x] = clip(sums[x] as number);
  }
  return out;
}

/** As PIL's Image.resize(size, filter): first along the width, then along the height. */
export function resize(image: Rgb, width: number, height: number, filter: Filter): Rgb {
  const narrow = image.width === width ? image : horizontal(image, width, filter);
  return narrow.height === height ? narrow : vertical(narrow, height, filter);
}
