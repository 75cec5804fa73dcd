/**
 * Compares a number of generated looks with one another: `main([ROWS])` prints { seconds, peak } as JSON, the time of
 * the comparison and the most memory of the process in bytes. Values of a band agree by chance in 1.3e-4 of pairs, as
 * those of photographs do; one picture in a hundred is a copy of an earlier one, with three bits of each hash changed.
 */
import { availableParallelism } from 'node:os';
import { HASHES, LOOK_BYTES, WORDS } from '../../../src/main/engine/data/scan/look';
import { nearPairs } from '../../../src/main/engine/data/scan/near-pairs';
import { rngOf } from '../../../src/shared/random';
import { peakBytes } from '../support/peak';

const ROW = HASHES * WORDS;
const COPIED_EVERY = 100;

/** Clears each band's top three bits mostly, which makes 1 in 7,700 pairs of values equal. */
const biased = (bits: number, more: number): number => (bits & 0x1fff1fff) | (bits & more & (more >>> 3) & 0xe000e000);

function hashesOf(rows: number): Uint32Array {
  const rng = rngOf(rows);
  const hashes = new Uint32Array(new SharedArrayBuffer(4 * rows * ROW));
  for (let row = 0; row < rows; row++) {
    const from = row % COPIED_EVERY === COPIED_EVERY - 1 ? row - 50 : null;
    for (let word = 0; word < ROW; word++)
      hashes[row * ROW + word] =
        from === null
          ? biased(rng.uint32(), rng.uint32())
          : (hashes[from * ROW + word] as number) ^ (1 << rng.below(13));
  }
  return hashes;
}

export async function main([rows = '']: string[]): Promise<void> {
  const hashes = hashesOf(Number(rows));
  const rng = rngOf(7);
  const shown = Uint8Array.from({ length: LOOK_BYTES }, () => rng.below(256));
  const begun = performance.now();
  const pairs = await nearPairs({ hashes, look: () => shown }, undefined, {
    threads: Math.min(availableParallelism(), 8),
  });
  const seconds = (performance.now() - begun) / 1000;
  console.log(JSON.stringify({ seconds, peak: peakBytes(), pairs: pairs.length }));
}
