/** Turns a masked autoencoder's predictions into pictures. Pure functions on the host. */
import type { View } from '../view';

export interface PatchGrid {
  /** Side of the image in pixels. */
  size: number;
  /** Side of a patch in pixels. */
  patch: number;
}

/** Returns the index in an image [S, S, 3] of a patch's number, where numbers are in the order row, column, channel. */
function pixelAt({ size, patch }: PatchGrid, place: number, number: number): number {
  const side = size / patch;
  const [row, rest] = [Math.floor(number / (3 * patch)), number % (3 * patch)];
  const y = Math.floor(place / side) * patch + row;
  const x = (place % side) * patch + Math.floor(rest / 3);
  return (y * size + x) * 3 + (rest % 3);
}

/**
 * Returns mean and standard deviation of a patch's normalised pixels, by the unbiased variance that its target used.
 */
function momentsOf(pixels: Float64Array): [number, number] {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pixels.length - 1);
  return [mean, Math.sqrt(variance + 1e-6)];
}

/**
 * Turns a prediction of pixels into a picture. Where the target was normalised patch by patch, each patch gets back the
 * mean and the spread of the original's; without them a prediction looks like noise.
 * @param prediction float32 [L, p * p * 3] @param original uint8 [S, S, 3] @returns uint8 [S, S, 3]
 */
export function predictedPixels(
  prediction: Float32Array,
  original: Uint8Array,
  { size, patch, mean, std, normPixLoss }: PatchGrid & Pick<View, 'mean' | 'std'> & { normPixLoss: boolean },
): Uint8Array {
  const width = patch * patch * 3;
  const shown = new Uint8Array(size * size * 3);
  const pixels = new Float64Array(width);
  for (let place = 0; place < prediction.length / width; place++) {
    for (let number = 0; number < width; number++) {
      const channel = number % 3;
      const value = (original[pixelAt({ size, patch }, place, number)] as number) / 255;
      pixels[number] = (value - (mean[channel] as number)) / (std[channel] as number);
    }
    const [centre, spread] = normPixLoss ? momentsOf(pixels) : [0, 1];
    for (let number = 0; number < width; number++) {
      const channel = number % 3;
      const normalised = (prediction[place * width + number] as number) * spread + centre;
      const value = normalised * (std[channel] as number) + (mean[channel] as number);
      shown[pixelAt({ size, patch }, place, number)] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
    }
  }
  return shown;
}
