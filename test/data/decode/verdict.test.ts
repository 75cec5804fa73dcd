/**
 * All parts agree on damaged files: training can read what import accepts, with the bits of evaluation, prediction and
 * the window. Small files of every kind are damaged at many places: one byte is changed, or the rest is cut off.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage, probeImage, smallPicture, UnusableImage } from '../../../src/main/engine/data/decode/decode';
import { crop, type Rgb } from '../../../src/main/engine/data/image/rgb';
import { nativeImages } from '../../../src/main/engine/data/loader/native-images';
import { readBox } from '../../../src/main/engine/data/loader/read-image';
import { inspectFile, UNCHANGED } from '../../../src/main/engine/data/scan/inspect';
import { rngOf } from '../../../src/shared/random';
import { engineMissing } from '../../support/engine';
import { tableFrom } from '../loader/table';

const PLACES = 60;
const scratch = mkdtempSync(join(tmpdir(), 'verdict-'));
mkdirSync(join(scratch, 'a'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const golden = (format: string): Record<string, { file: string }> =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../golden/decode/${format}.json`), 'utf8')) as Record<
    string,
    { file: string }
  >;
const jpeg = golden('jpeg');
const fileOf = (entry: { file: string } | undefined): Buffer => Buffer.from(entry!.file, 'base64');

/** Makes a photograph-like picture whose entropy-coded data is most of its file. */
async function photo(side = 72): Promise<Buffer> {
  const pixels = Uint8Array.from(
    { length: side * side * 3 },
    (_, at) => 128 + 70 * Math.sin(at * 0.017) + 50 * Math.sin(at * at * 0.0003),
  );
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 70, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

const cases: [string, () => Buffer | Promise<Buffer>][] = [
  ['photo.jpg', () => photo()],
  ...['rgb-4:2:0', 'rgb-4:2:2', 'rgb-4:4:4', 'restarts', 'progressive', 'progressive-gray', 'stored-as-rgb', 'ink'].map(
    (name): [string, () => Buffer] => [`${name}.jpg`, () => fileOf(jpeg[name])],
  ),
  ['extra-bytes.jpg', () => fileOf(jpeg['extra-bytes-before-end'])],
  ['rgb.png', () => fileOf(golden('png')['rgb-8'])],
  ['palette.png', () => fileOf(golden('png')['palette-8-clear'])],
  ['lossy.webp', () => fileOf(golden('webp')['lossy-alpha'])],
  ['lossless.webp', () => fileOf(golden('webp')['lossless'])],
  ['large.gif', () => fileOf(golden('gif')['large'])],
  ['strips.tif', () => fileOf(golden('tiff')['rgb-strips'])],
  ['lzw.tif', () => fileOf(golden('tiff')['rgb-lzw'])],
  ['alpha.bmp', () => fileOf(golden('bmp')['32-alpha-version-5'])],
];

/** Yields copies of the file, at random places: with one byte changed, and cut off. */
function* damaged(bytes: Buffer): Generator<[string, Buffer]> {
  const rng = rngOf(7, bytes.length);
  for (let index = 0; index < PLACES; index++) {
    const at = rng.below(bytes.length);
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ (1 + rng.below(255));
    yield [`byte ${at} changed`, flipped];
    if (index % 4) continue;
    const end = rng.below(bytes.length);
    yield [`cut to ${end} bytes`, bytes.subarray(0, end)];
  }
}

const unlessUnusable = <T>(result: Promise<T>): Promise<T | null> =>
  result.catch((error: unknown) => {
    if (error instanceof UnusableImage) return null;
    throw error;
  });

async function importTakes(path: string): Promise<boolean> {
  const found = await inspectFile(join(scratch, path), null, nativeImages);
  return found !== UNCHANGED && !('reason' in found);
}

/** Reads the image as a loader reads a box of an accepted sample; null where it can't. */
async function trained(path: string, bytes: Buffer, image: Rgb): Promise<Rgb | null> {
  const facts = await probeImage(bytes);
  const table = tableFrom(scratch, [{ path, label: 0, ...facts }]);
  const box = { left: 0, top: 0, width: image.width, height: image.height };
  return readBox(table, 0, box, nativeImages()).catch(() => null);
}

describe.skipIf(engineMissing)('import, training, evaluation and the window agree', () => {
  it.each(cases)('%s', { timeout: 60_000 }, async (name, make) => {
    const whole = await make();
    const path = join('a', name.replaceAll(':', ''));
    let taken = 0;
    for (const [what, bytes] of [['whole', whole] as [string, Buffer], ...damaged(whole)]) {
      writeFileSync(join(scratch, path), bytes);
      const image = await unlessUnusable(decodeImage(bytes));
      expect(await importTakes(path), `${what}: import`).toBe(image !== null);
      expect((await unlessUnusable(smallPicture(bytes, 24))) !== null, `${what}: window`).toBe(image !== null);
      if (!image || image.width * image.height > 1e6) continue;
      taken++;
      const seen = await trained(path, bytes, image);
      expect(seen && [seen.width, seen.height], `${what}: training`).toEqual([image.width, image.height]);
      expect(Buffer.compare((seen as Rgb).data, image.data), `${what}: pixels`).toBe(0);
      const box = {
        left: image.width >> 2,
        top: image.height >> 2,
        width: image.width >> 1 || 1,
        height: image.height >> 1 || 1,
      };
      const part = await readBox(
        tableFrom(scratch, [{ path, label: 0, ...(await probeImage(bytes)) }]),
        0,
        box,
        nativeImages(),
      );
      expect(
        Buffer.compare(part.data, crop(image, box.left, box.top, box.width, box.height).data),
        `${what}: crop`,
      ).toBe(0);
    }
    expect(taken).toBeGreaterThan(0);
  });
});

it.skipIf(engineMissing)('a part of every plain JPEG has the bits of the whole', async () => {
  let plain = 0;
  for (const [name, entry] of Object.entries(jpeg)) {
    const bytes = fileOf(entry);
    const image = await unlessUnusable(decodeImage(bytes));
    const facts = image && (await probeImage(bytes));
    if (!image || !facts?.fast) continue;
    plain++;
    const path = join('a', 'part.jpg');
    writeFileSync(join(scratch, path), bytes);
    const table = tableFrom(scratch, [{ path, label: 0, ...facts }]);
    for (const box of [
      { left: 9, top: 7, width: 5, height: 9 },
      { left: 1, top: 10, width: image.width - 1, height: 6 },
      { left: image.width - 1, top: image.height - 1, width: 1, height: 1 },
    ]) {
      const part = await readBox(table, 0, box, nativeImages());
      const whole = crop(image, box.left, box.top, box.width, box.height);
      expect(Buffer.compare(part.data, whole.data), `${name}, ${JSON.stringify(box)}`).toBe(0);
    }
  }
  expect(plain).toBeGreaterThan(20);
});

it('a marker that can’t be in the pixels is damage, as Pillow and training find', async () => {
  const bytes = await photo();
  const at = bytes.length - 200;
  bytes.set([0xff, 0xf9], at);
  await expect(decodeImage(bytes)).rejects.toThrow("can't be decoded to the end");
  await expect(smallPicture(bytes, 24)).rejects.toThrow("can't be decoded to the end");
});
