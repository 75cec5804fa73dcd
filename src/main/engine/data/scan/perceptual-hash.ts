/**
 * dHash (N. Krawetz, 2013): 64 bits, each whether a pixel of a 9 x 8 gray version is brighter than its right neighbour. Two images within
 * NEAR bits are near-duplicates: with 4 bands of 16 bits, any two such share a band, so candidates are found by an index.
 */
export const HASH_WIDTH = 9;
export const HASH_HEIGHT = 8;
export const NEAR = 3;
const BANDS = 4;

/** gray [8, 9] -> 16 hexadecimal digits. Null for an image too flat to tell from others. */
export function differenceHash(gray: Uint8Array): string | null {
  let hash = '';
  let steps = 0;
  for (let row = 0; row < HASH_HEIGHT; row++) {
    let byte = 0;
    for (let column = 0; column < 8; column++) {
      const [left, right] = [gray[row * HASH_WIDTH + column] as number, gray[row * HASH_WIDTH + column + 1] as number];
      byte = (byte << 1) | (left > right ? 1 : 0);
      if (Math.abs(left - right) > 2) steps++;
    }
    hash += byte.toString(16).padStart(2, '0');
  }
  return steps < 8 ? null : hash;
}

export const bandsOf = (hash: string): string[] => Array.from({ length: BANDS }, (_, band) => hash.slice(band * 4, band * 4 + 4));

export function bitsApart(a: string, b: string): number {
  let difference = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let bits = 0;
  for (; difference; difference &= difference - 1n) bits++;
  return bits;
}
