import { histogram, lookUp, type Rgb } from './rgb';

/** Stretches each channel to 0..255 (PIL ImageOps.autocontrast, cutoff 0). */
export function autoContrast(image: Rgb): Rgb {
  const table = new Uint8Array(768);
  for (let channel = 0; channel < 3; channel++) {
    const counts = histogram(image, channel);
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    const scale = high > low ? 255 / (high - low) : 1;
    const offset = high > low ? -low * scale : 0;
    for (let value = 0; value < 256; value++)
      table[channel * 256 + value] = Math.min(Math.max(Math.trunc(value * scale + offset), 0), 255);
  }
  return lookUp(image, table);
}
