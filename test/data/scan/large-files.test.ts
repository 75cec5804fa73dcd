/** Large files among images are recognised by their first bytes, because memory may not hold them. */
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LARGEST_BYTES, LARGEST_PIXELS } from '../../../src/main/engine/data/decode/decode';
import { readImageFile } from '../../../src/main/services/pictures/read-image-file';
import { reviewImport } from '../../../src/main/services/datasets/imports';
import { plantImages } from '../../support/plant-images';
import { temporary } from '../../support/training';

/**
 * Number of bytes that exceeds any machine's memory. Only the first bytes are written, so the file takes no room on the
 * disk.
 */
const HUGE = 2 ** 40;
const JPEG = '\xff\xd8\xff\xe0';
const FILES: [name: string, start: string, size: number, kind: string, reason: RegExp][] = [
  ['film.jpg', '\0\0\0\x18ftypisom', HUGE, 'not_an_image', /it is a video \(MP4/],
  ['archive.png', 'PK\x03\x04', HUGE, 'not_an_image', /ZIP archive/],
  ['hole.jpg', '', HUGE, 'not_an_image', /begins with zeros only/],
  ['phone.jpg', '\0\0\0\x18ftypheic', HUGE, 'unsupported', /HEIC/],
  ['jpeg.jpg', JPEG, HUGE, 'too_large', /^It has 1,099,511,627,776 bytes, more than 2,147,483,648\.$/],
  ['more.tif', 'II*\0', LARGEST_BYTES + 1, 'too_large', /^It has 2,147,483,649 bytes/],
];

const source = temporary('large-files');
beforeAll(async () => {
  await plantImages(source, { a: 4, b: 4 });
  for (const [name, start, size] of FILES) {
    const handle = openSync(join(source, 'a', name), 'w');
    writeSync(handle, Buffer.from(start, 'latin1'));
    ftruncateSync(handle, size);
    closeSync(handle);
  }
});
afterAll(() => rmSync(source, { recursive: true }));

it('each is named with its reason, and the rest is imported', async () => {
  const { dataset, problems, discard } = await reviewImport({
    ...{ source, home: temporary('home'), signal: new AbortController().signal, valSplit: 0.25, seed: 0 },
    exclude: { problems: false, leaks: false },
    onProgress: () => undefined,
  });
  discard();
  expect(dataset.record.counts).toEqual({ train: { a: 3, b: 3 }, val: { a: 1, b: 1 } });
  for (const [name, , , kind, reason] of FILES)
    expect(problems).toContainEqual({ kind, path: `a/${name}`, reason: expect.stringMatching(reason) as string });
});

it.each(FILES)('%s is refused by a prediction', async (name, _start, _size, _kind, reason) => {
  await expect(readImageFile(join(source, 'a', name))).rejects.toMatchObject({
    code: 'bad_image',
    why: expect.stringMatching(reason) as string,
  });
});

it('an image of so many pixels has no more bytes', () => {
  // Five samples of 16 bits without compression are the most that is read of a TIFF.
  expect(LARGEST_PIXELS * 5 * 2).toBeLessThan(LARGEST_BYTES);
});
