/** 8-bit RGB, [height, width, 3] row major. */
export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

export const blank = (width: number, height: number, colour?: readonly number[]): Rgb => {
  const data = new Uint8Array(width * height * 3);
  if (colour) for (let at = 0; at < data.length; at++) data[at] = colour[at % 3] as number;
  return { data, width, height };
};

/** A box of an image; it has to lie inside. */
export function crop({ data, width }: Rgb, left: number, top: number, boxWidth: number, boxHeight: number): Rgb {
  const out = blank(boxWidth, boxHeight);
  for (let row = 0; row < boxHeight; row++) {
    const from = ((top + row) * width + left) * 3;
    out.data.set(data.subarray(from, from + boxWidth * 3), row * boxWidth * 3);
  }
  return out;
}

/** Every value through a table of 256, or one table a channel (768). */
export function lookUp({ data, width, height }: Rgb, table: Uint8Array): Rgb {
  const out = new Uint8Array(data.length);
  const perChannel = table.length > 256;
  for (let at = 0; at < data.length; at++) out[at] = table[(data[at] as number) + (perChannel ? (at % 3) * 256 : 0)] as number;
  return { data: out, width, height };
}

/** Counts of each value of a channel. */
export function histogram({ data }: Rgb, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let at = channel; at < data.length; at += 3) counts[data[at] as number] = (counts[data[at] as number] as number) + 1;
  return counts;
}

/** ITU-R 601 luma as PIL's convert('L'). */
export function luma({ data }: Rgb): Uint8Array {
  const out = new Uint8Array(data.length / 3);
  for (let pixel = 0; pixel < out.length; pixel++) {
    const at = pixel * 3;
    out[pixel] = ((data[at] as number) * 19595 + (data[at + 1] as number) * 38470 + (data[at + 2] as number) * 7471 + 0x8000) >> 16;
  }
  return out;
}

/** PIL's Image.blend: degenerate + factor * (image - degenerate), cut off to whole numbers. `degenerate` gives the value at an index. */
export function blend(image: Rgb, degenerate: (at: number) => number, factor: number): Rgb {
  const alpha = Math.fround(factor);
  const out = new Uint8Array(image.data.length);
  for (let at = 0; at < out.length; at++) {
    const from = degenerate(at);
    const value = Math.fround(from + Math.fround(alpha * ((image.data[at] as number) - from)));
    out[at] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  return { data: out, width: image.width, height: image.height };
}
