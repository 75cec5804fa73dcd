import { dft2 } from './fourier';
import type { HostImage } from './low-frequency';

/**
 * Keeps the frequencies (u, v) with (u / H)^2 + (v / W)^2 <= (radius / min(H, W))^2 and the size of the image (Wang et al., TPAMI 2024, sec. 3:
 * what a network learns first). Neither clamped nor rounded.
 */
export function lowPass({ data, height, width, channels }: HostImage, radius: number): HostImage {
  const limit = (radius / Math.min(height, width)) ** 2;
  const centred = (index: number, length: number): number => (index < length / 2 ? index : index - length) / length;
  const out = new Float32Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const plane = { re: Float64Array.from({ length: height * width }, (_, pixel) => data[pixel * channels + channel] as number), im: new Float64Array(height * width) };
    dft2(plane, height, width, -1);
    for (let u = 0; u < height; u++) {
      for (let v = 0; v < width; v++) {
        // A hair above the limit, so that rounding does not cut the circle's own points.
        if (centred(u, height) ** 2 + centred(v, width) ** 2 <= limit * (1 + 1e-12)) continue;
        plane.re[u * width + v] = 0;
        plane.im[u * width + v] = 0;
      }
    }
    dft2(plane, height, width, 1);
    plane.re.forEach((value, pixel) => (out[pixel * channels + channel] = value / (height * width)));
  }
  return { data: out, height, width, channels };
}
