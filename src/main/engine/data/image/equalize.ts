import { histogram, lookUp, type Rgb } from './rgb';

/** Equalizes each channel's histogram (PIL ImageOps.equalize). */
export function equalize(image: Rgb): Rgb {
  const table = new Uint8Array(768);
  for (let channel = 0; channel < 3; channel++) {
    const counts = histogram(image, channel);
    const used = Array.from(counts).filter((count) => count > 0);
    const step = Math.floor((used.reduce((sum, count) => sum + count, 0) - (used.at(-1) ?? 0)) / 255);
    let sum = Math.floor(step / 2);
    for (let value = 0; value < 256; value++) {
      table[channel * 256 + value] = used.length <= 1 || step === 0 ? value : Math.min(Math.floor(sum / step), 255);
      sum += counts[value] as number;
    }
  }
  return lookUp(image, table);
}
