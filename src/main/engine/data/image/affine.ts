/** PIL's Image.transform(AFFINE) with bilinear or bicubic sampling and a fill colour (Pillow's Geometry.c). */
import { blank, type Rgb } from './rgb';
import type { Filter } from './resize';

/** (x, y) of the result comes from (a x + b y + c, d x + e y + f). */
export type Matrix = readonly [number, number, number, number, number, number];

const clamp = (value: number, length: number): number => (value < 0 ? 0 : value >= length ? length - 1 : value);

function linearAt(image: Rgb, x: number, y: number, channel: number): number {
  const { data, width, height } = image;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [dx, dy] = [x - left, y - top];
  const row = (at: number): number => {
    const base = at * width * 3 + channel;
    const a = data[base + clamp(left, width) * 3] as number;
    return a + ((data[base + clamp(left + 1, width) * 3] as number) - a) * dx;
  };
  const upper = row(clamp(top, height));
  const lower = top + 1 >= 0 && top + 1 < height ? row(top + 1) : upper;
  return upper + (lower - upper) * dy;
}

function cubic(v1: number, v2: number, v3: number, v4: number, d: number): number {
  return v2 + d * (-v1 + v3 + d * (2 * (v1 - v2) + v3 - v4 + d * (-v1 + v2 - v3 + v4)));
}

function cubicAt(image: Rgb, x: number, y: number, channel: number): number {
  const { data, width, height } = image;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [dx, dy] = [x - left, y - top];
  const columns = [left - 1, left, left + 1, left + 2].map((at) => clamp(at, width) * 3) as [number, number, number, number];
  const row = (at: number): number => {
    const base = at * width * 3 + channel;
    return cubic(data[base + columns[0]] as number, data[base + columns[1]] as number, data[base + columns[2]] as number, data[base + columns[3]] as number, dx);
  };
  const first = row(clamp(top - 1, height));
  const second = top >= 0 && top < height ? row(top) : first;
  const third = top + 1 >= 0 && top + 1 < height ? row(top + 1) : second;
  const fourth = top + 2 >= 0 && top + 2 < height ? row(top + 2) : third;
  return cubic(first, second, third, fourth, dy);
}

export function affine(image: Rgb, [a, b, c, d, e, f]: Matrix, filter: Filter, fill: readonly number[]): Rgb {
  const { width, height } = image;
  const out = blank(width, height, fill);
  const sample = filter === 'bicubic' ? cubicAt : linearAt;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      for (let channel = 0; channel < 3; channel++) {
        const value = sample(image, x - 0.5, y - 0.5, channel);
        out.data[(row * width + column) * 3 + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
      }
    }
  }
  return out;
}
