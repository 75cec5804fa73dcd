/** Applies PIL's Image.transform(AFFINE) with bilinear or bicubic sampling and a fill colour (Pillow's Geometry.c). */
import { blank, type Rgb } from './rgb';
import type { Filter } from './resize';

/** Pixel (x, y) of the result comes from (a x + b y + c, d x + e y + f). */
export type Matrix = readonly [number, number, number, number, number, number];

/** Writes the three channels at (x, y) of an image, in pixels from the first pixel's centre, to out[place]. */
type Sampler = (image: Rgb, x: number, y: number, out: Uint8Array, place: number) => void;

const clamp = (value: number, length: number): number => (value < 0 ? 0 : value >= length ? length - 1 : value);

const linear: Sampler = ({ data, width, height }, x, y, out, place) => {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const dx = x - left;
  const dy = y - top;
  const a = clamp(left, width) * 3;
  const b = clamp(left + 1, width) * 3;
  const upper = clamp(top, height) * width * 3;
  // A row outside the image repeats the one before it, as in PIL.
  const lower = top + 1 >= 0 && top + 1 < height ? (top + 1) * width * 3 : upper;
  for (let channel = 0; channel < 3; channel++) {
    const v = data[upper + a + channel] as number;
    const w = data[lower + a + channel] as number;
    const first = v + ((data[upper + b + channel] as number) - v) * dx;
    const second = w + ((data[lower + b + channel] as number) - w) * dx;
    out[place + channel] = first + (second - first) * dy;
  }
};

function interpolate(v1: number, v2: number, v3: number, v4: number, d: number): number {
  return v2 + d * (-v1 + v3 + d * (2 * (v1 - v2) + v3 - v4 + d * (-v1 + v2 - v3 + v4)));
}

const cubic: Sampler = ({ data, width, height }, x, y, out, place) => {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const dx = x - left;
  const dy = y - top;
  const a = clamp(left - 1, width) * 3;
  const b = clamp(left, width) * 3;
  const c = clamp(left + 1, width) * 3;
  const d = clamp(left + 2, width) * 3;
  const stride = width * 3;
  const row1 = clamp(top - 1, height) * stride;
  const row2 = top >= 0 && top < height ? top * stride : row1;
  const row3 = top + 1 >= 0 && top + 1 < height ? (top + 1) * stride : row2;
  const row4 = top + 2 >= 0 && top + 2 < height ? (top + 2) * stride : row3;
  const along = (start: number): number =>
    interpolate(
      data[start + a] as number,
      data[start + b] as number,
      data[start + c] as number,
      data[start + d] as number,
      dx,
    );
  for (let channel = 0; channel < 3; channel++) {
    const value = interpolate(
      along(row1 + channel),
      along(row2 + channel),
      along(row3 + channel),
      along(row4 + channel),
      dy,
    );
    out[place + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
};

/** Transforms an image to the same size; pixels from outside it have the colour `fill`. */
export function affine(image: Rgb, [a, b, c, d, e, f]: Matrix, filter: Filter, fill: readonly number[]): Rgb {
  const { width, height } = image;
  const out = blank(width, height, fill);
  const sample = filter === 'bicubic' ? cubic : linear;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      if (x >= 0 && x < width && y >= 0 && y < height)
        sample(image, x - 0.5, y - 0.5, out.data, (row * width + column) * 3);
    }
  }
  return out;
}
