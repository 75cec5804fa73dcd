import type { Rgb } from '../image/rgb';

/** Mirrors an image left to right. */
export function flip({ data, width, height }: Rgb): Rgb {
  const out = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * 3;
      const to = (row * width + width - 1 - column) * 3;
      out[to] = data[from] as number;
      out[to + 1] = data[from + 1] as number;
      out[to + 2] = data[from + 2] as number;
    }
  }
  return { data: out, width, height };
}
