/**
 * Counter-based random numbers: randomness is an argument, never a global. A stream is named by integers
 * (seed, purpose, epoch, sample, ...), so the same draw comes out whatever the number of workers and after any resume.
 *
 * The mixer is the 32-bit finalizer `lowbias32` (C. Wellons, public domain); the generator is sfc32 (C. Doty-Humphrey,
 * PractRand, public domain), seeded by the mixed key.
 */
export interface Rng {
  /** Draws a uniform 32-bit unsigned integer. */
  uint32(): number;
  /** Draws uniformly from [0, 1), with 53 bits. */
  uniform(): number;
  /** Draws a uniform integer from [0, n). */
  below(n: number): number;
  /** Draws from the standard normal distribution (Box-Muller). */
  normal(): number;
}

function mix(value: number): number {
  let x = value >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}

/** Mixes a list of integers to one 32-bit key; the order counts. */
export function foldIn(...keys: number[]): number {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    hash = mix(hash ^ mix(key >>> 0));
    hash = mix(hash + mix(Math.floor(key / 4294967296) >>> 0));
  }
  return hash;
}

/** Returns a 32-bit key of a text, to name a stream by purpose ("shuffle", "mixup"). FNV-1a, then mixed. */
export function textKey(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** Returns the stream named by `keys`. */
export function rngOf(...keys: number[]): Rng {
  let a = foldIn(...keys, 1);
  let b = foldIn(...keys, 2);
  let c = foldIn(...keys, 3);
  let counter = 1;
  const uint32 = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let round = 0; round < 8; round++) uint32();
  const uniform = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  return {
    uint32,
    uniform,
    below: (n) => Math.floor(uniform() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Fills `order` with a seeded permutation of its indices (Fisher-Yates). */
export function permute(order: Uint32Array, rng: Rng): void {
  for (let index = 0; index < order.length; index++) order[index] = index;
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.below(last + 1);
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
}

/** Returns a seeded permutation of 0..n-1. */
export function permutation(n: number, rng: Rng): Uint32Array {
  const order = new Uint32Array(n);
  permute(order, rng);
  return order;
}
