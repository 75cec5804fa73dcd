import type { Rgb } from './rgb';

/** Applies PIL's SMOOTH: 3 x 3 with a centre of 5, over 13; the border stays. */
export function smooth({ data, width, height }: Rgb): Uint8Array {
  // This is a copy: slice() of a Buffer, which decoders return, would be a view of the image itself.
  const out = new Uint8Array(data);
  const stride = width * 3;
  for (let row = 1; row < height - 1; row++) {
    for (let at = row * stride + 3; at < (row + 1) * stride - 3; at++) {
      let sum = 4 * (data[at] as number);
      for (let dy = -stride; dy <= stride; dy += stride)
        sum += (data[at + dy - 3] as number) + (data[at + dy] as number) + (data[at + dy + 3] as number);
      out[at] = sum / 13 + 0.5;
    }
  }
  return out;
}
