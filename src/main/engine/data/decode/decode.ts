/**
 * Decodes any supported image to 8-bit RGB, by rules that references can follow (docs/data.md): EXIF orientation is
 * applied; an ICC profile is applied only for CMYK; alpha is composited on white; 16 bits are shifted right by 8; of
 * animations the first frame is taken; JPEG uses the accurate DCT and smooth chroma, so that Pillow agrees. Kinds
 * without a rule are refused by name.
 */
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { AppError } from '../../../../shared/errors';
import type { Size } from '../image/box';
import type { Rgb } from '../image/rgb';
import { bmpSize, decodeBmp } from './bmp';
import { inkToRgb, toRgb, upperBits } from './channels';
import { foreignFormat } from './foreign-format';
import { imageFormat, type ImageFormat } from './format';
import { decodeGif, gifSize } from './gif';
import { usableInkProfile } from './ink-profile';
import { checkJpegEnd, isWholeProgression, jpegStructure } from './jpeg-structure';
import { tiffLayout } from './tiff-layout';
import { damaged, unsupported, UnusableImage } from './unusable-image';

export { UnusableImage, type UnusableKind } from './unusable-image';

/** PIL's limit for a decompression bomb. */
export const LARGEST_PIXELS = 178_956_970;

export interface ImageFacts {
  format: ImageFormat;
  /** Stored size, before orientation. */
  width: number;
  height: number;
  /** EXIF orientation, 1..8. */
  orientation: number;
  /** Whether it is an upright JPEG of 8-bit gray or YCbCr, so that its crop can be decoded alone. */
  fast: boolean;
}

const options = (bytes: Buffer, ignoreIcc = true): SharpOptions => ({
  // 'truncated' would accept a TIFF that lacks strips and show them black.
  failOn: 'error',
  limitInputPixels: LARGEST_PIXELS,
  ignoreIcc,
  pages: 1,
  // Otherwise a JPEG with many warnings would be refused here, and read in training.
  unlimited: imageFormat(bytes) === 'jpeg',
});

/** Makes the error in our words. The library's are shared between threads and may be those of another file. */
function unusable(error: unknown, format: ImageFormat | null): UnusableImage {
  if (error instanceof UnusableImage) return error;
  return damaged(format === null || format === 'webp' ? 'WebP' : format.toUpperCase());
}

/** No image of so many pixels has more bytes, in any format that is read. */
export const LARGEST_BYTES = 2 ** 31;

/** Number of first bytes of a file that show its format. */
export const HEAD_BYTES = 4096;

/**
 * Returns why a file can't be an image by its size and its first HEAD_BYTES, so that a film or an archive need not be
 * read; null: it may be one.
 */
export function refusedByHead(head: Buffer, bytes: number): UnusableImage | null {
  if (!imageFormat(head)) return foreignFormat(head);
  if (bytes <= LARGEST_BYTES) return null;
  const [own, most] = [bytes, LARGEST_BYTES].map((count) => count.toLocaleString('en')) as [string, string];
  return new UnusableImage('too_large', `It has ${own} bytes, more than ${most}.`);
}

/** Reads the header only. @throws UnusableImage */
export async function probeImage(bytes: Buffer): Promise<ImageFacts> {
  if (!bytes.length) throw new UnusableImage('empty', 'It has no bytes.');
  const format = imageFormat(bytes);
  if (!format) throw foreignFormat(bytes);
  try {
    if (format === 'bmp') return { format, ...bounded(bmpSize(bytes)), orientation: 1, fast: false };
    if (format === 'gif') return { format, ...bounded(gifSize(bytes)), orientation: 1, fast: false };
    if (format === 'png' && bytes.toString('latin1', 12, 16) === 'CgBI')
      throw unsupported("It is a PNG in Apple's own form (CgBI)");
    const layout = format === 'tiff' ? tiffLayout(bytes) : null;
    const plain = format === 'jpeg' && isPlain(bytes);
    const {
      width,
      height,
      orientation = 1,
    } = await sharp(layout?.plain ?? bytes, {
      ...options(bytes),
      limitInputPixels: false,
    }).metadata();
    const upright = layout?.orientation ?? (orientation >= 1 && orientation <= 8 ? orientation : 1);
    const fast = upright === 1 && plain;
    return { format, ...bounded({ width, height }), orientation: upright, fast };
  } catch (error) {
    throw unusable(error, format);
  }
}

/** Says whether a part of an upright JPEG can be decoded alone. @throws UnusableImage */
function isPlain(bytes: Buffer): boolean {
  const { components, progressive } = jpegStructure(bytes);
  return components !== 4 && (!progressive || isWholeProgression(bytes));
}

function bounded(size: Size): Size {
  if (size.width * size.height > LARGEST_PIXELS) {
    throw new UnusableImage(
      'too_large',
      `It would unpack to ${size.width} x ${size.height} pixels, more than ${LARGEST_PIXELS.toLocaleString('en')}.`,
    );
  }
  return size;
}

/** Decodes to [height, width, 3], upright. @throws UnusableImage */
export async function decodeImage(bytes: Buffer): Promise<Rgb> {
  try {
    const { format } = await probeImage(bytes);
    switch (format) {
      case 'bmp':
        return decodeBmp(bytes);
      case 'gif':
        return decodeGif(bytes);
      case 'tiff':
        return await decodeTiff(bytes);
      case 'jpeg':
        checkJpegEnd(bytes);
        return jpegStructure(bytes).components === 4 ? await decodeInk(bytes) : await decodePlain(bytes);
      default:
        return await decodePlain(bytes);
    }
  } catch (error) {
    throw unusable(error, imageFormat(bytes));
  }
}

/** Decodes gray or RGB; a second or fourth channel is alpha. */
async function decodePlain(bytes: Buffer): Promise<Rgb> {
  const source = sharp(bytes, options(bytes)).autoOrient().toColourspace('srgb');
  const { data, info } = await source.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels: count } = info;
  const colours = count < 3 ? 1 : 3;
  return { data: toRgb(data, { count, gray: colours === 1, alpha: count > colours ? colours : null }), width, height };
}

/** Decodes CMYK, by its profile where that is usable, else by Pillow's formula. @param deep 16 bits a sample */
async function decodeInk(bytes: Buffer, deep = false): Promise<Rgb> {
  const { icc } = await sharp(bytes, options(bytes)).metadata();
  if (icc && usableInkProfile(icc)) {
    const source = sharp(bytes, options(bytes, false)).autoOrient().toColourspace('srgb');
    const { data, info } = await source.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return {
      data: toRgb(data, { count: info.channels, gray: false, alpha: null }),
      width: info.width,
      height: info.height,
    };
  }
  // Without pipelineColourspace libvips would convert by a profile of its own.
  const source = sharp(bytes, options(bytes)).pipelineColourspace('cmyk').autoOrient().toColourspace('cmyk');
  const { data, info } = await source.raw({ depth: deep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data: inkToRgb(deep ? upperHalves(data) : data, info.channels), width: info.width, height: info.height };
}

/** Returns the upper bytes of 16-bit values as the library leaves them. */
const upperHalves = (data: Buffer): Uint8Array =>
  upperBits(new Uint16Array(data.buffer, data.byteOffset, data.length / 2));

/** Decodes a TIFF. The tags say what a sample means; the library reads the samples. */
async function decodeTiff(bytes: Buffer): Promise<Rgb> {
  const { plain, ink, deep, extras, alpha, associated } = tiffLayout(bytes);
  if (ink) return decodeInk(plain, deep);
  const source = sharp(plain, options(plain)).autoOrient().toColourspace('srgb');
  const { data, info } = await source.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels: count } = info;
  const colours = count - extras;
  return {
    data: toRgb(data, { count, gray: colours === 1, alpha: alpha ? colours : null, associated }),
    width,
    height,
  };
}

/** Opens an upright RGB source for a thumbnail. A plain JPEG is decoded no larger than asked for. */
async function uprightSource(bytes: Buffer): Promise<Sharp> {
  if (imageFormat(bytes) !== 'jpeg' || jpegStructure(bytes).components === 4) return fromRgb(await decodeImage(bytes));
  checkJpegEnd(bytes);
  return sharp(bytes, options(bytes)).autoOrient().toColourspace('srgb');
}

/** Up to this side a small image is kept without loss, because a JPEG's blocks would show at this scale. */
const SMALL_SIDE = 96;

/**
 * Makes a thumbnail: PNG for small images, else JPEG. Unlike training it does not reproduce Pillow's bits for CMYK
 * without a profile and for alpha.
 * @param size longest side; smaller images keep every pixel
 * @throws UnusableImage
 */
export async function smallPicture(bytes: Buffer, size: number): Promise<Buffer> {
  try {
    const { width, height } = await probeImage(bytes);
    const source = await uprightSource(bytes);
    const small = source.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
    return await (Math.max(width, height) <= SMALL_SIDE ? small.png() : small.jpeg({ quality: 82 })).toBuffer();
  } catch (error) {
    throw unusable(error, imageFormat(bytes));
  }
}

const fromRgb = ({ data, width, height }: Rgb): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

/** Makes the error for an unusable image named on the command line. */
export function badImage(path: string, { message }: Error): AppError {
  return new AppError({
    code: 'bad_image',
    what: `${path} can't be used as an image.`,
    why: message,
    next: 'Choose another file.',
  });
}
