/**
 * Resamples 8-bit images as PIL does with antialias (Pillow's Resample.c): separable, support scaled with the
 * reduction, fixed point with 22 bits.
 */
import { antialiasedTaps } from '../../../../shared/antialiased-taps';
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

export interface Axis {
  /** First source position for each output position. */
  first: Int32Array;
  /** Number of source positions for each output position. */
  count: Int32Array;
  /** Weights in fixed point, `taps` for each output position. */
  weights: Int32Array;
  taps: number;
}

const axes = new Map<string, Axis>();
/** Number of axes whose weights are kept. Random crops have many sizes, but evaluation, where all are equal, gains. */
const KEPT_AXES = 256;

export function axisOf(from: number, to: number, filter: Filter): Axis {
  const key = `${filter} ${from} ${to}`;
  const known = axes.get(key);
  if (known) return known;
  if (axes.size >= KEPT_AXES) axes.clear();
  const { support, weight } = FILTERS[filter];
  const chosen = antialiasedTaps(from, to, support, (distance, stretch) => weight(distance * (1 / stretch)));
  const taps = Math.ceil(support * Math.max(from / to, 1)) * 2 + 1;
  const made: Axis = { first: new Int32Array(to), count: new Int32Array(to), weights: new Int32Array(to * taps), taps };
  chosen.forEach(({ first, weights }, position) => {
    made.first[position] = first;
    made.count[position] = weights.length;
    weights.forEach((share, index) => {
      made.weights[position * taps + index] = Math.trunc((share < 0 ? -0.5 : 0.5) + share * (1 << PRECISION));
    });
  });
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
  const made = out.data;
  let place = 0;
  for (let row = 0; row < height; row++) {
    const rowStart = row * width * 3;
    for (let column = 0; column < to; column++) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let at = rowStart + (first[column] as number) * 3;
      const base = column * taps;
      const end = base + (count[column] as number);
      for (let tap = base; tap < end; tap++) {
        const weight = weights[tap] as number;
        // The sum stays within 32 bits, because the weights' absolute values sum to less than 1.5 * 2^22. Stating it
        // keeps the JavaScript engine on integers.
        r = (r + Math.imul(data[at] as number, weight)) | 0;
        g = (g + Math.imul(data[at + 1] as number, weight)) | 0;
        b = (b + Math.imul(data[at + 2] as number, weight)) | 0;
        at += 3;
      }
      made[place] = clip(r);
      made[place + 1] = clip(g);
      made[place + 2] = clip(b);
      place += 3;
    }
  }
  return out;
}

function vertical({ data, width, height }: Rgb, to: number, filter: Filter): Rgb {
  const { first, count, weights, taps } = axisOf(height, to, filter);
  const out = blank(width, to);
  const made = out.data;
  const stride = width * 3;
  for (let row = 0; row < to; row++) {
    const from = (first[row] as number) * stride;
    const base = row * taps;
    const end = base + (count[row] as number);
    const place = row * stride;
    for (let x = 0; x < stride; x++) {
      let sum = HALF;
      let at = from + x;
      for (let tap = base; tap < end; tap++) {
        sum = (sum + Math.imul(data[at] as number, weights[tap] as number)) | 0;
        at += stride;
      }
      made[place + x] = clip(sum);
    }
  }
  return out;
}

/** Resizes as PIL's Image.resize(size, filter) does: first along the width, then along the height. */
export function resize(image: Rgb, width: number, height: number, filter: Filter): Rgb {
  const narrow = image.width === width ? image : horizontal(image, width, filter);
  return narrow.height === height ? narrow : vertical(narrow, height, filter);
}
