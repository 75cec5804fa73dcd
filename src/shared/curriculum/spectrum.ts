/** Computes an image's spectrum for display, and how much of the image a low-frequency crop keeps. */
import { complex, transformOf } from './fourier';

export interface Spectrum {
  /** Side of the square. */
  size: number;
  /** Power of each frequency, zero frequency at [size / 2, size / 2], row major; the mean of the image is removed. */
  power: Float64Array;
}

/** Computes the spectrum. @param values one channel, size x size, row major */
export function spectrumOf(values: ArrayLike<number>, size: number): Spectrum {
  const plane = complex(size * size);
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / (size * size);
  for (let at = 0; at < size * size; at++) plane.re[at] = (values[at] as number) - mean;
  const along = transformOf(size, -1);
  for (let at = 0; at < size * size; at += size)
    along({ re: plane.re.subarray(at, at + size), im: plane.im.subarray(at, at + size) });
  transformOf(size, -1, size)(plane);
  const power = new Float64Array(size * size);
  const half = Math.floor(size / 2);
  for (let u = 0; u < size; u++) {
    for (let v = 0; v < size; v++) {
      const from = u * size + v;
      const to = ((u + half) % size) * size + ((v + half) % size);
      power[to] = (plane.re[from] as number) ** 2 + (plane.im[from] as number) ** 2;
    }
  }
  return { size, power };
}

/**
 * Returns the share of the image's energy (its mean removed) in the central `bandwidth` x `bandwidth` frequencies,
 * 0..1; 1 for a uniform image.
 */
export function keptEnergy({ size, power }: Spectrum, bandwidth: number): number {
  const first = Math.floor(size / 2) - Math.floor(bandwidth / 2);
  let [kept, total] = [0, 0];
  for (let u = 0; u < size; u++) {
    for (let v = 0; v < size; v++) {
      const value = power[u * size + v] as number;
      total += value;
      if (u >= first && u < first + bandwidth && v >= first && v < first + bandwidth) kept += value;
    }
  }
  return total === 0 ? 1 : kept / total;
}

/** Returns log magnitude as grey values 0..255: four decades below the strongest frequency are black. */
export function spectrumPicture({ power }: Spectrum): Uint8Array {
  const strongest = power.reduce((most, value) => Math.max(most, value), 0);
  if (strongest === 0) return new Uint8Array(power.length);
  return Uint8Array.from(power, (value) => {
    const decades = value === 0 ? Number.NEGATIVE_INFINITY : Math.log10(value / strongest) / 2;
    return Math.round(255 * Math.max(0, 1 + decades / 4));
  });
}
