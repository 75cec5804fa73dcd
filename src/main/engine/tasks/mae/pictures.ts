/** Draws a masked autoencoder's work on one image, patch by patch. Pure functions on the host. */
import type { PatchGrid } from './reconstruction';

/** Grey of patches that are not shown. */
const HIDDEN = 128;

/** Returns the index of the patch, rows first, that contains the pixel of a value in an image [S, S, 3]. */
function patchOf({ size, patch }: PatchGrid, at: number): number {
  const pixel = Math.floor(at / 3);
  const [y, x] = [Math.floor(pixel / size), pixel % size];
  return Math.floor(y / patch) * (size / patch) + Math.floor(x / patch);
}

/**
 * Draws the encoder's input, with masked patches grey: original uint8 [S, S, 3], mask [L], 1 where masked -> uint8 [S,
 * S, 3].
 */
export const maskedPicture = (original: Uint8Array, mask: Float32Array, grid: PatchGrid): Uint8Array =>
  original.map((value, at) => (mask[patchOf(grid, at)] ? HIDDEN : value));

/**
 * Draws the prediction where patches were masked and the original elsewhere: pictures uint8 [S, S, 3], mask [L] ->
 * uint8 [S, S, 3].
 */
export const predictionAndVisible = (
  prediction: Uint8Array,
  original: Uint8Array,
  mask: Float32Array,
  grid: PatchGrid,
): Uint8Array => original.map((value, at) => (mask[patchOf(grid, at)] ? (prediction[at] as number) : value));

/**
 * Draws the mean squared error of each masked patch as grey, with the largest of the image white. Visible patches are
 * black, because the loss leaves them out. prediction and target float32 [L, P], mask [L] -> uint8 [S, S, 3]
 */
export function errorPicture(
  { prediction, target, mask }: Record<'prediction' | 'target' | 'mask', Float32Array>,
  grid: PatchGrid,
): Uint8Array {
  const width = prediction.length / mask.length;
  const errors = Float64Array.from(mask, (masked, place) => {
    let sum = 0;
    for (let at = place * width; at < (place + 1) * width; at++)
      sum += ((prediction[at] as number) - (target[at] as number)) ** 2;
    return (masked * sum) / width;
  });
  const largest = errors.reduce((most, error) => Math.max(most, error), 0) || 1;
  return Uint8Array.from({ length: grid.size ** 2 * 3 }, (_, at) =>
    Math.round((255 * (errors[patchOf(grid, at)] as number)) / largest),
  );
}
