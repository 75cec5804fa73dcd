/** 8-bit RGB, [height, width, 3] row major. */
export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

export const blank = (width: number, height: number, colour?: readonly number[]): Rgb => {
  const data = new Uint8Array(width * height * 3);
  if (colour) {
    data.set(colour.slice(0, data.length));
    // Doubling the filled part copies memory instead of looping.
    for (let filled = 3; filled < data.length; filled *= 2) data.copyWithin(filled, 0, filled);
  }
  return { data, width, height };
};

/** Crops a box, which has to be inside the image. */
export function crop({ data, width }: Rgb, left: number, top: number, boxWidth: number, boxHeight: number): Rgb {
  const out = blank(boxWidth, boxHeight);
  for (let row = 0; row < boxHeight; row++) {
    const from = ((top + row) * width + left) * 3;
    out.data.set(data.subarray(from, from + boxWidth * 3), row * boxWidth * 3);
  }
  return out;
}

/** Maps every value through a table of 256, or through one table a channel (768). */
export function lookUp({ data, width, height }: Rgb, table: Uint8Array): Rgb {
  const out = new Uint8Array(data.length);
  const [second, third] = table.length > 256 ? [256, 512] : [0, 0];
  for (let at = 0; at < data.length; at += 3) {
    out[at] = table[data[at] as number] as number;
    out[at + 1] = table[(data[at + 1] as number) + second] as number;
    out[at + 2] = table[(data[at + 2] as number) + third] as number;
  }
  return { data: out, width, height };
}

/** Counts each value of a channel. */
export function histogram({ data }: Rgb, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let at = channel; at < data.length; at += 3)
    counts[data[at] as number] = (counts[data[at] as number] as number) + 1;
  return counts;
}

/** Returns ITU-R 601 luma as PIL's convert('L') does. */
export function luma({ data }: Rgb): Uint8Array {
  const out = new Uint8Array(data.length / 3);
  for (let pixel = 0; pixel < out.length; pixel++) {
    const at = pixel * 3;
    out[pixel] =
      ((data[at] as number) * 19595 + (data[at + 1] as number) * 38470 + (data[at + 2] as number) * 7471 + 0x8000) >>
      16;
  }
  return out;
}

/**
 * Blends as PIL's Image.blend does: degenerate + factor * (image - degenerate) in float32, truncated to whole numbers.
 * The degenerate image is one value, one value a pixel [height * width], or one a channel [height * width * 3].
 */
export function blend({ data, width, height }: Rgb, degenerate: number | Uint8Array, factor: number): Rgb {
  const alpha = Math.fround(factor);
  const out = new Uint8Array(data.length);
  const perChannel = typeof degenerate !== 'number' && degenerate.length === data.length;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const one = typeof degenerate === 'number' ? degenerate : (degenerate[pixel] as number);
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
      const from = perChannel ? (degenerate[at] as number) : one;
      const value = Math.fround(from + Math.fround(alpha * ((data[at] as number) - from)));
      out[at] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  }
  return { data: out, width, height };
}
