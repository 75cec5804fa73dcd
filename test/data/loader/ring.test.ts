import { describe, expect, it } from 'vitest';
import { nativeImages } from '../../../src/main/engine/data/loader/native-images';
import { Ring } from '../../../src/main/engine/data/loader/shared-state';

const SHAPE = { slots: 3, batch: 3, size: 5 };

/** Returns a view's offset and length in the ring's buffer, in bytes. */
const range = ({ byteOffset, byteLength }: Uint8Array | Int32Array): [number, number] => [
  byteOffset,
  byteOffset + byteLength,
];

describe('the ring of batches', () => {
  it.each([0, 8, 16, 24, 40, 56])('aligns pixels in memory that begins %i bytes past alignment', (past) => {
    const ring = Ring.create(SHAPE, () => past);
    const views = [0, 1, 2].flatMap((slot) => [ring.images(slot, 3), ring.labels(slot, 3), ring.erase(slot, 3)]);
    for (const slot of [0, 1, 2]) expect((ring.images(slot, 3).byteOffset + past) % 64).toBe(0);
    const ranges = [range(ring.made), ...views.map(range)].sort(([one], [other]) => one - other);
    for (const [index, [from]] of ranges.entries()) expect(from).toBeGreaterThanOrEqual(ranges[index - 1]?.[1] ?? 0);
    expect(ranges.at(-1)?.[1]).toBeLessThanOrEqual(ring.buffer.byteLength);
  });

  it('has pixels that TensorFlow reads without a copy', ({ skip }) => {
    const aligned = nativeImages()?.binding.bytesPastAlignment;
    if (!aligned) return skip('there is no engine of ours');
    const ring = Ring.create(SHAPE, aligned);
    for (const slot of [0, 1, 2]) expect(aligned(ring.images(slot, 3))).toBe(0);
  });
});
