/**
 * Decoding only the box of a JPEG gives the same bits as decoding and cropping the whole, so a run does not depend on
 * the path it took.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { drawCrop } from '../../../src/main/engine/data/augment/random-resized-crop';
import { plainView } from '../../../src/main/engine/data/augment/view';
import type { Box } from '../../../src/main/engine/data/image/box';
import { evaluationImage } from '../../../src/main/engine/data/loader/make-sample';
import { nativeImages } from '../../../src/main/engine/data/loader/native-images';
import { readBox, readView, sizeOf } from '../../../src/main/engine/data/loader/read-image';
import type { SampleTable } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { engineMissing } from '../../support/engine';
import { sharedData, sharedDataMissing } from '../../support/shared-data';
import { planOf, read, SIGNS } from './plans';
import { tableOf } from './table';

if (engineMissing) console.warn(`skipped: ${engineMissing}`);
const scratch = mkdtempSync(join(tmpdir(), 'fast-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function expectEqualBoxes(table: SampleTable, boxesEach: number): Promise<void> {
  const native = nativeImages();
  expect(native?.views).toBe(true);
  for (let sample = 0; sample < table.count; sample++) {
    const { width, height } = sizeOf(table, sample);
    const corners: Box[] = [
      { left: 0, top: 0, width, height },
      { left: width - 1, top: height - 1, width: 1, height: 1 },
      { left: 0, top: 0, width: 1, height: 1 },
    ];
    const drawn = Array.from({ length: boxesEach }, (_, index) =>
      drawCrop(width, height, [0.08, 1], [3 / 4, 4 / 3], rngOf(sample, index)),
    );
    for (const box of [...corners, ...drawn]) {
      const what = `sample ${sample}, ${JSON.stringify(box)}`;
      const [fast, full] = [await readBox(table, sample, box, native), await readBox(table, sample, box, null)];
      expect([fast.width, fast.height]).toEqual([box.width, box.height]);
      expect(Buffer.compare(fast.data, full.data), what).toBe(0);
      for (const filter of ['bicubic', 'bilinear'] as const) {
        const view = (with_: typeof native): Promise<{ data: Uint8Array }> =>
          readView(table, sample, box, plainView(45, 45, filter), with_);
        expect(Buffer.compare((await view(native)).data, (await view(null)).data), `${what}, ${filter}`).toBe(0);
      }
    }
    const evaluated = [
      await evaluationImage(table, sample, 64, 0.9, 'bicubic', native),
      await evaluationImage(table, sample, 64, 0.9, 'bicubic', null),
    ];
    expect(Buffer.compare(evaluated[0]!.data, evaluated[1]!.data), `sample ${sample}, evaluation`).toBe(0);
  }
}

describe.skipIf(engineMissing)('the partial decoder', () => {
  it('is exact on the bundled photographs', async () => expectEqualBoxes(await tableOf(SIGNS, 20), 5));

  it.skipIf(sharedDataMissing)('is exact on flower photographs', async () =>
    expectEqualBoxes(await tableOf(sharedData('flowers/train'), 10), 4),
  );

  it('is exact on gray, progressive, unsubsampled and odd-sized files', async () => {
    const photo = (): Sharp => sharp(readFileSync(join(SIGNS, 'one/img_4194.jpg')));
    mkdirSync(join(scratch, 'kinds', 'a'), { recursive: true });
    const files = {
      gray: photo().grayscale().jpeg(),
      progressive: photo().jpeg({ progressive: true }),
      full_chroma: photo().jpeg({ chromaSubsampling: '4:4:4' }),
      odd: photo().resize(77, 53, { fit: 'fill' }).jpeg({ chromaSubsampling: '4:2:0' }),
      tiny: photo().resize(3, 2, { fit: 'fill' }).jpeg({ chromaSubsampling: '4:2:0' }),
    };
    for (const [name, image] of Object.entries(files))
      writeFileSync(join(scratch, 'kinds', 'a', `${name}.jpg`), await image.toBuffer());
    const table = await tableOf(join(scratch, 'kinds'), 10);
    expect([...table.fast]).toEqual([1, 1, 1, 1, 1]);
    await expectEqualBoxes(table, 12);
  });

  it('leaves no tensor behind, nor after a file that fails', async () => {
    const table = await tableOf(SIGNS, 4);
    const native = nativeImages();
    const before = native?.binding.getNumOfTensors();
    for (let sample = 0; sample < 4; sample++)
      await readBox(table, sample, { left: 3, top: 3, width: 20, height: 20 }, native);
    // The file is smaller than it was at import.
    const larger = { ...table, widths: table.widths.map(() => 300), heights: table.heights.map(() => 300) };
    await expect(readBox(larger, 0, { left: 90, top: 90, width: 200, height: 200 }, native)).rejects.toThrow();
    await expect(
      readView(larger, 0, { left: 90, top: 90, width: 200, height: 200 }, plainView(32, 32, 'bicubic'), native),
    ).rejects.toThrow();
    expect(native?.binding.getNumOfTensors()).toBe(before);
  });

  it('gives batches equal to those of the other path', async () => {
    const table = await tableOf(SIGNS, 23);
    const plain = { ...table, fast: new Uint8Array(table.count) };
    expect((await read(planOf(table))).seen).toEqual((await read(planOf(plain))).seen);
  });
});

it('turns a photograph that lies on its side before it crops', async () => {
  const upright = await sharp(readFileSync(join(SIGNS, 'one/img_4194.jpg')))
    .extract({ left: 0, top: 0, width: 80, height: 48 })
    .png()
    .toBuffer();
  for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
    const root = join(scratch, `turned-${orientation}`);
    mkdirSync(join(root, 'a'), { recursive: true });
    // The format is lossless, so that pixels can be compared: TIFF keeps EXIF orientation and every value.
    writeFileSync(
      join(root, 'a', 'x.tif'),
      await sharp(upright).tiff({ compression: 'lzw' }).withMetadata({ orientation }).toBuffer(),
    );
    const table = await tableOf(root, 1);
    const size = sizeOf(table, 0);
    expect(size).toEqual(orientation >= 5 ? { width: 48, height: 80 } : { width: 80, height: 48 });
    expect(table.fast[0]).toBe(0);
    const box = { left: 5, top: 11, width: 30, height: 20 };
    const { data } = await readBox(table, 0, box, null);
    const wanted = await sharp(
      await sharp(readFileSync(join(root, 'a', 'x.tif')))
        .autoOrient()
        .raw()
        .toBuffer(),
      { raw: { ...size, channels: 3 } },
    )
      .extract(box)
      .raw()
      .toBuffer();
    expect(Buffer.compare(data, wanted)).toBe(0);
  }
});
