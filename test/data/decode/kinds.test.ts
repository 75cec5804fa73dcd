/**
 * Every layout of TIFF, BMP, GIF, PNG, WebP and JPEG in test/golden/decode either equals Pillow under the rules of
 * docs/data.md, or is refused with the reason.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, probeImage, smallPicture, UnusableImage } from '../../../src/main/engine/data/decode/decode';

interface Entry {
  file: string;
  width?: number;
  height?: number;
  rgb?: string;
}

/** Refused files, each with the text that its reason must have. */
const REFUSED: Record<string, Record<string, RegExp>> = {
  tiff: {
    '8-bit-palette-small-map': /palette holds numbers below 256/,
    'gray-two-no-extra': /2 samples a pixel, of which one is colour/,
    'gray-three-unspecified': /3 samples a pixel/,
    'gray-16-white-is-0': /16-bit gray with white as 0/,
    'gray-12': /12 bits/,
    'gray-10': /10 bits/,
    'gray-signed-8': /8-bit signed/,
    'gray-signed-16': /16-bit signed/,
    'gray-signed-32': /32-bit signed/,
    'gray-32': /32 bits/,
    'gray-64': /64 bits/,
    'gray-float-16': /16-bit real numbers/,
    'gray-float-32': /32-bit real numbers/,
    'gray-float-64': /64-bit real numbers/,
    'gray-void': /undefined kind/,
    'gray-complex': /complex/,
    'rgb-three-unspecified': /6 samples a pixel/,
    'rgb-four-unspecified': /7 samples a pixel/,
    'rgb-unspecified-alpha': /extra sample of kind 2/,
    'rgb-5-6-5': /5, 6, 5 bits/,
    'rgb-tiled-planes': /a plane of tiles for each channel/,
    'rgb-signed': /signed/,
    'rgb-32': /32 bits/,
    'rgb-float-16': /16-bit real numbers/,
    'rgb-float-32': /32-bit real numbers/,
    'rgb-float-64': /64-bit real numbers/,
    'ink-two-unspecified': /6 samples a pixel/,
    'ink-alpha': /CMYK with alpha/,
    'ink-other-set': /other than CMYK/,
    'ink-five': /other than CMYK/,
    'ink-three': /3 samples a pixel/,
    ycbcr: /YCbCr/,
    'ycbcr-subsampled': /YCbCr/,
    'ycbcr-gray': /YCbCr/,
    'no-photometric': /does not say what its values mean/,
    'short-palette': /palette lacks colours/,
    lab: /CIE L\*a\*b\*/,
    'lab-16': /CIE L\*a\*b\*/,
    'icc-lab': /ICC L\*a\*b\*/,
    mask: /mask/,
    logl: /logarithmic/,
    'colour-filter': /raw photograph/,
    'linear-raw': /raw photograph/,
    'digital-negative': /raw photograph \(DNG\)/,
    'photometric-77': /photometric interpretation 77/,
    zstd: /compression zstd/,
    webp: /compression WebP/,
    lzma: /compression LZMA/,
    'jpeg-2000': /compression JPEG 2000/,
    lerc: /compression LERC/,
    'jpeg-xl': /compression JPEG XL/,
    'old-jpeg': /compression old-style JPEG/,
    'compression-4711': /compression 4711/,
  },
  bmp: {
    '2': /2 bits a pixel/,
    '64': /64 bits a pixel/,
    '32-ten-bits': /bit field 3ff00000/,
    '32-alpha-fields': /alpha after its header/,
    '16-1-5-5-5': /16 bits a pixel with alpha/,
    'jpeg-inside': /JPEG inside/,
    'png-inside': /PNG inside/,
    'header-16': /header of 16 bytes/,
  },
  png: { apple: /CgBI/ },
  jpeg: {
    '12-bit': /12 bits a sample/,
    arithmetic: /arithmetic coding/,
    'arithmetic-progressive': /arithmetic coding/,
    lossless: /lossless/,
    hierarchical: /hierarchical/,
    'two-components': /2 components/,
    'no-height': /height after its pixels/,
  },
};

/** Damaged files, which Pillow can't read either. */
const DAMAGED: Record<string, string[]> = {
  bmp: ['rle8', 'rle4', 'rle8-cut'],
  gif: ['too-few-pixels', 'no-picture'],
  jpeg: ['no-scan', 'unknown-marker-in-scan', 'no-end', 'end-only-half'],
};

const refusal = async (bytes: Buffer): Promise<UnusableImage> => {
  const error = await decodeImage(bytes).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnusableImage);
  return error as UnusableImage;
};

describe.each(['tiff', 'bmp', 'gif', 'png', 'webp', 'jpeg'])('%s', (format) => {
  const golden = JSON.parse(
    readFileSync(join(import.meta.dirname, `../../golden/decode/${format}.json`), 'utf8'),
  ) as Record<string, Entry>;
  const [refused, broken] = [REFUSED[format] ?? {}, DAMAGED[format] ?? []];

  it.each(Object.entries(golden).filter(([name]) => !(name in refused) && !broken.includes(name)))(
    '%s',
    async (_, { file, width, height, rgb }) => {
      const bytes = Buffer.from(file, 'base64');
      const image = await decodeImage(bytes);
      expect([image.width, image.height]).toEqual([width, height]);
      expect(Buffer.from(image.data).equals(Buffer.from(rgb as string, 'base64'))).toBe(true);
      const { width: stored, height: rows, orientation } = await probeImage(bytes);
      expect(orientation >= 5 ? [rows, stored] : [stored, rows]).toEqual([width, height]);
    },
  );

  it.each(Object.entries(refused))('%s is refused as %s', async (name, reason) => {
    const bytes = Buffer.from((golden[name] as Entry).file, 'base64');
    const error = await refusal(bytes);
    expect(error.kind).toBe('unsupported');
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('Save it as an 8-bit JPEG or PNG');
    // The window, which shows small versions, gives the same reason.
    await expect(smallPicture(bytes, 64)).rejects.toThrow(error.message);
  });

  it.each(broken)('%s is damaged', async (name) => {
    const entry = golden[name] as Entry;
    expect(entry.rgb).toBeUndefined();
    expect((await refusal(Buffer.from(entry.file, 'base64'))).kind).toBe('truncated');
  });

  // Larger images are scaled down and compressed.
  const small = Object.entries(golden).filter(([, { width = 97, height = 97 }]) => width <= 96 && height <= 96);
  it.each(small.filter(([name]) => !(name in refused)))(
    'the picture to look at shows %s as it is',
    async (_, { file, width, height, rgb }) => {
      const shown = await sharp(await smallPicture(Buffer.from(file, 'base64'), 96))
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([shown.info.width, shown.info.height]).toEqual([width, height]);
      expect(shown.data.equals(Buffer.from(rgb as string, 'base64'))).toBe(true);
    },
  );
});
