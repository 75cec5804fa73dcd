/** Converts stored channels to 8-bit RGB, by the rules of docs/data.md and with Pillow's roundings. */

/** Returns value * share / 255, rounded to nearest as by Pillow's MULDIV255. */
export function timesShare(value: number, share: number): number {
  const product = value * share + 128;
  return (product + (product >> 8)) >> 8;
}

/** Divides a premultiplied value by its alpha, rounded down as in Pillow. */
const withoutShare = (value: number, share: number): number =>
  share === 0 ? 0 : Math.min(255, Math.floor((255 * value) / share));

export interface Channels {
  /** Number of channels a pixel in the data. */
  count: number;
  /** Whether the first channel alone is the colour; otherwise the first three are. */
  gray: boolean;
  /** Index of the alpha channel; null: none. */
  alpha: number | null;
  /** Whether the colour has been multiplied by alpha. */
  associated?: boolean;
}

/**
 * Converts to RGB. Alpha is composited on white and rounded to nearest, gray is repeated, other channels are left out.
 */
export function toRgb(data: Uint8Array, { count, gray, alpha, associated = false }: Channels): Uint8Array {
  if (count === 3 && !gray) return data;
  const pixels = data.length / count;
  const out = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * count;
    const share = alpha === null ? 255 : (data[from + alpha] as number);
    for (let channel = 0; channel < 3; channel++) {
      const stored = data[from + (gray ? 0 : channel)] as number;
      const value = associated ? withoutShare(stored, share) : stored;
      out[pixel * 3 + channel] = timesShare(value, share) + (255 - share);
    }
  }
  return out;
}

/**
 * Converts ink without a profile by Pillow's formula: each ink takes its share of what black has left. Channels after
 * the fourth are left out.
 */
export function inkToRgb(data: Uint8Array, count: number): Uint8Array {
  const pixels = data.length / count;
  const out = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const white = 255 - (data[pixel * count + 3] as number);
    for (let ink = 0; ink < 3; ink++)
      out[pixel * 3 + ink] = white - timesShare(data[pixel * count + ink] as number, white);
  }
  return out;
}

/** Returns the upper eight bits of each value. */
export const upperBits = (values: Uint16Array): Uint8Array => Uint8Array.from(values, (value) => value >> 8);
