/** Decoding agrees with Pillow under the same rules (test/golden/decode/make.py), and unusable files are refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, LARGEST_PIXELS, probeImage, UnusableImage } from '../../../src/main/engine/data/decode/decode';

const files = join(import.meta.dirname, '../../golden/decode/files');
const golden = JSON.parse(readFileSync(join(files, 'golden.json'), 'utf8')) as Record<
  string,
  { width: number; height: number; rgb: string }
>;

describe('decoding agrees with Pillow, bit for bit', () => {
  for (const [name, { width, height, rgb }] of Object.entries(golden)) {
    it(name, async () => {
      const image = await decodeImage(readFileSync(join(files, name)));
      expect([image.width, image.height]).toEqual([width, height]);
      const expected = Buffer.from(rgb, 'base64');
      const worst = expected.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (image.data[at] as number))),
        0,
      );
      expect(image.data.length).toBe(expected.length);
      expect(worst).toBe(0);
    });
  }
});

it('ink with a profile goes by its profile', async () => {
  const ink = readFileSync(join(files, 'cmyk.jpg'));
  const profiled = await sharp(ink).toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(profiled).metadata()).icc).toBeDefined();
  const [plain, converted] = await Promise.all([decodeImage(ink), decodeImage(profiled)]);
  const byProfile = await sharp(profiled).toColourspace('srgb').raw().toBuffer();
  expect(Buffer.from(converted.data)).toEqual(byProfile);
  expect(Buffer.from(converted.data)).not.toEqual(Buffer.from(plain.data));
});

/** Makes a PNG header that promises this many pixels. */
function bomb(width: number, height: number): Buffer {
  const bytes = Buffer.from(readFileSync(join(files, 'color.png')));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

describe('what can not be used says why', () => {
  const color = readFileSync(join(files, 'color.jpg'));
  it.each([
    ['empty', Buffer.alloc(0), 'empty'],
    ['text called an image', Buffer.from('hello, this is no image at all'), 'not_an_image'],
    ['a JPEG cut in half', color.subarray(0, color.length / 2), 'truncated'],
    ['a JPEG without its last bytes', color.subarray(0, color.length - 40), 'truncated'],
    ['a PNG cut', readFileSync(join(files, 'color.png')).subarray(0, 400), 'truncated'],
    ['a BMP cut', readFileSync(join(files, 'color.bmp')).subarray(0, 300), 'truncated'],
    ['a BMP cut in its header', readFileSync(join(files, 'color.bmp')).subarray(0, 20), 'truncated'],
    ['a decompression bomb', bomb(60_000, 60_000), 'too_large'],
  ])('%s', async (_, bytes, kind) => {
    const error = await decodeImage(bytes).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnusableImage);
    expect((error as UnusableImage).kind).toBe(kind);
    expect((error as UnusableImage).message.length).toBeGreaterThan(10);
  });

  it('the limit is Pillow’s', () => expect(LARGEST_PIXELS).toBe(178_956_970));
});

describe('the header', () => {
  it('tells stored size, orientation, and whether a crop can be decoded alone', async () => {
    const facts = (name: string): ReturnType<typeof probeImage> => probeImage(readFileSync(join(files, name)));
    expect(await facts('color.jpg')).toEqual({ format: 'jpeg', width: 24, height: 16, orientation: 1, fast: true });
    expect(await facts('orientation-6.jpg')).toEqual({
      format: 'jpeg',
      width: 24,
      height: 16,
      orientation: 6,
      fast: false,
    });
    expect(await facts('jpeg-called.png')).toMatchObject({ format: 'jpeg', fast: true });
    expect(await facts('alpha.png')).toMatchObject({ format: 'png', fast: false });
  });
});
