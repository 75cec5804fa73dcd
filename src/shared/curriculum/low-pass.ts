import { complex, transformOf, type Complex, type Transform } from './fourier';
import type { HostImage } from './low-frequency';

/** Number of columns that are transformed together, because they are neighbours in memory. */
const COLUMNS = 16;

/** Returns the frequency of an index in cycles per pixel, -1/2 ... 1/2. */
export const frequency = (index: number, length: number): number =>
  (index < length / 2 ? index : index - length) / length;

/**
 * Filters the columns from `first` on of a [height, width] spectrum of rows: they are transformed, cut to the circle
 * and transformed back.
 */
function filterColumns(
  plane: Complex,
  { height, width }: HostImage,
  first: number,
  limit: number,
  [forward, backward]: [Transform, Transform],
  block: Complex,
): void {
  const count = Math.min(COLUMNS, width - first);
  const copy = (from: Complex, to: Complex, read: (y: number) => number, write: (y: number) => number): void => {
    for (let y = 0; y < height; y++) {
      to.re.set(from.re.subarray(read(y), read(y) + count), write(y));
      to.im.set(from.im.subarray(read(y), read(y) + count), write(y));
    }
  };
  copy(
    plane,
    block,
    (y) => y * width + first,
    (y) => y * COLUMNS,
  );
  forward(block);
  for (let u = 0; u < height; u++) {
    for (let v = 0; v < count; v++) {
      if (frequency(u, height) ** 2 + frequency(first + v, width) ** 2 <= limit) continue;
      block.re[u * COLUMNS + v] = 0;
      block.im[u * COLUMNS + v] = 0;
    }
  }
  backward(block);
  copy(
    block,
    plane,
    (y) => y * COLUMNS,
    (y) => y * width + first,
  );
}

function transformRows({ re, im }: Complex, { height, width }: HostImage, transform: Transform): void {
  for (let at = 0; at < height * width; at += width)
    transform({ re: re.subarray(at, at + width), im: im.subarray(at, at + width) });
}

/**
 * Returns the square of the radius in cycles per pixel: frequencies (u, v) are within it where (u / H)^2 + (v / W)^2 is
 * at most this. It is slightly above the square itself, so that rounding does not cut the circle's own points.
 */
export const circleOf = (radius: number, height: number, width: number): number =>
  (radius / Math.min(height, width)) ** 2 * (1 + 1e-12);

/**
 * Keeps the frequencies (u, v) with (u / H)^2 + (v / W)^2 <= (radius / min(H, W))^2 and the size of the image (Wang et
 * al., TPAMI 2024, sec. 3: what a network learns first). The values are neither clamped nor rounded.
 */
export function lowPass(image: HostImage, radius: number): HostImage {
  const { data, height, width, channels } = image;
  const limit = circleOf(radius, height, width);
  const [along, back] = [transformOf(width, -1), transformOf(width, 1)];
  const down: [Transform, Transform] = [transformOf(height, -1, COLUMNS), transformOf(height, 1, COLUMNS)];
  const [plane, block] = [complex(height * width), complex(height * COLUMNS)];
  const out = new Float32Array(data.length);
  // The filter is real, so two channels are transformed as one complex plane without mixing.
  for (let channel = 0; channel < channels; channel += 2) {
    const paired = channel + 1 < channels;
    for (let pixel = 0; pixel < height * width; pixel++) {
      plane.re[pixel] = data[pixel * channels + channel] as number;
      plane.im[pixel] = paired ? (data[pixel * channels + channel + 1] as number) : 0;
    }
    transformRows(plane, image, along);
    for (let first = 0; first < width; first += COLUMNS) {
      const lowest = Math.min(
        ...Array.from({ length: Math.min(COLUMNS, width - first) }, (_, v) => Math.abs(frequency(first + v, width))),
      );
      if (lowest ** 2 <= limit) filterColumns(plane, image, first, limit, down, block);
      else
        for (let at = first; at < height * width; at += width)
          for (const part of [plane.re, plane.im]) part.fill(0, at, at + Math.min(COLUMNS, width - first));
    }
    transformRows(plane, image, back);
    for (let pixel = 0; pixel < height * width; pixel++) {
      out[pixel * channels + channel] = (plane.re[pixel] as number) / (height * width);
      if (paired) out[pixel * channels + channel + 1] = (plane.im[pixel] as number) / (height * width);
    }
  }
  return { data: out, height, width, channels };
}
