import { describe, expect, it } from 'vitest';
import { batchesOf, MOST_IMAGES } from '../../../src/renderer/views/try/image-batches';
import { JOB_KINDS } from '../../../src/shared/contract/job-kinds';

const image = (length: number): { base64: string } => ({ base64: 'x'.repeat(length) });
const sizes = (lengths: number[]): number[][] =>
  batchesOf(lengths.map(image)).map((batch) => batch.map(({ base64 }) => base64.length));

describe('pictures are asked about in batches', () => {
  it('of a few, in order, none lost', () => {
    expect(sizes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10],
    ]);
    expect(batchesOf([])).toEqual([]);
  });

  it('small enough to be sent; a large one goes alone', () => {
    expect(sizes([1, 20e6, 2, 15e6, 3e6])).toEqual([[1], [20e6], [2, 15e6], [3e6]]);
  });

  it('never more than the program takes', () => {
    const images = Array.from({ length: MOST_IMAGES }, () => ({ name: 'a', base64: 'x' }));
    expect(JOB_KINDS.predict.args.safeParse({ run: 'r', images }).success).toBe(true);
    expect(JOB_KINDS.predict.args.safeParse({ run: 'r', images: [...images, images[0]] }).success).toBe(false);
  });
});
