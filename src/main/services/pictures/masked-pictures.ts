/** Draws masked images and their predictions from pixels on the host. Pure. */
import { blank, type Rgb } from '../../engine/data/image/rgb';

export interface Masked {
  /** Side of the image in pixels. */
  size: number;
  /** Side of a patch in pixels. */
  patch: number;
  /** [L]: 1 where a patch was masked. */
  mask: ArrayLike<number>;
}

/** Side in px from which hatching is visible beside pixels. */
const DRAWN = 224;
/** Width of a dark and a light stripe together, in drawn pixels. */
const PERIOD = 10;
const [LIGHT, DARK] = [190, 96];

const isMasked = ({ size, patch, mask }: Masked, x: number, y: number): boolean =>
  mask[Math.floor(y / patch) * (size / patch) + Math.floor(x / patch)] === 1;

/** Hatches the missing patches of an image, enlarged by a whole number where it is small. */
export function hatched({ data }: Rgb, masked: Masked): Rgb {
  const { size } = masked;
  const times = Math.max(Math.ceil(DRAWN / size), 1);
  const side = size * times;
  const out = blank(side, side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [x, y] = [Math.floor(column / times), Math.floor(row / times)];
      const at = (row * side + column) * 3;
      if (isMasked(masked, x, y)) out.data.fill((row + column) % PERIOD < PERIOD / 2 ? LIGHT : DARK, at, at + 3);
      else out.data.set(data.subarray((y * size + x) * 3, (y * size + x) * 3 + 3), at);
    }
  }
  return out;
}

/** Draws the prediction where a patch was masked, and the image where it was seen. */
export function combined(image: Rgb, prediction: Uint8Array, masked: Masked): Rgb {
  const { size } = masked;
  const out = blank(size, size);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const from = isMasked(masked, pixel % size, Math.floor(pixel / size)) ? prediction : image.data;
    out.data.set(from.subarray(pixel * 3, pixel * 3 + 3), pixel * 3);
  }
  return out;
}

/** Error that is drawn white: a third of the range of a channel, so that small errors are visible too. */
const WHITE = 85;

/**
 * Draws the mean absolute difference of the channels [S, S], white from a third of their range on; black where a patch
 * was seen.
 */
export function pixelError(image: Rgb, prediction: Uint8Array, masked: Masked): Uint8Array {
  const { size } = masked;
  return Uint8Array.from({ length: size * size }, (_, pixel) => {
    if (!isMasked(masked, pixel % size, Math.floor(pixel / size))) return 0;
    const difference = [0, 1, 2].reduce(
      (sum, channel) =>
        sum + Math.abs((image.data[pixel * 3 + channel] as number) - (prediction[pixel * 3 + channel] as number)),
      0,
    );
    return Math.min(Math.round((255 * difference) / 3 / WHITE), 255);
  });
}

/**
 * Draws the error of targets that are not pixels: the mean absolute difference of a masked patch's numbers, drawn as
 * above [S, S].
 */
export function patchError(wanted: Uint8Array, prediction: Uint8Array, masked: Masked): Uint8Array {
  const { size, patch, mask } = masked;
  const side = size / patch;
  const width = wanted.length / mask.length;
  const errors = Array.from(mask, (hidden, place) => {
    if (hidden !== 1) return 0;
    let sum = 0;
    for (let at = place * width; at < (place + 1) * width; at++)
      sum += Math.abs((wanted[at] as number) - (prediction[at] as number));
    return Math.min(Math.round((255 * sum) / width / WHITE), 255);
  });
  return Uint8Array.from(
    { length: size * size },
    (_, pixel) =>
      errors[Math.floor(Math.floor(pixel / size) / patch) * side + Math.floor((pixel % size) / patch)] as number,
  );
}
