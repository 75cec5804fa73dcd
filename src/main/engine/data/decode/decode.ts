/**
 * Any supported image as 8-bit RGB, by rules that references can follow (docs/data.md): EXIF orientation applied; ICC profile applied only
 * for CMYK; alpha composited on white; 16 bits shifted right by 8; first frame of animations; JPEG with the accurate DCT and smooth chroma,
 * so that PIL agrees.
 */
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { AppError } from '../../../../shared/errors';
import type { Rgb } from '../image/rgb';
import { bmpSize, decodeBmp } from './bmp';
import { imageFormat, type ImageFormat } from './format';

/** PIL's limit for a decompression bomb. */
export const LARGEST_PIXELS = 178_956_970;

export type UnusableKind = 'truncated' | 'empty' | 'not_an_image' | 'too_large' | 'unreadable';

/** Why a file can't be trained on. */
export class UnusableImage extends Error {
  constructor(
    readonly kind: UnusableKind,
    reason: string,
  ) {
    super(reason);
  }
}

export interface ImageFacts {
  format: ImageFormat;
  /** Stored, not oriented. */
  width: number;
  height: number;
  /** EXIF, 1..8. */
  orientation: number;
  /** A JPEG of 8-bit gray or YCbCr, upright: its crop can be decoded alone. */
  fast: boolean;
}

const options = (ignoreIcc: boolean): SharpOptions => ({
  // 'truncated' lets a TIFF through that lacks strips, and they would be black.
  failOn: 'error',
  limitInputPixels: LARGEST_PIXELS,
  ignoreIcc,
  pages: 1,
});

/** In our words: the library's are shared between threads, so they may be those of another file. */
function unusable(error: unknown, format: ImageFormat | null): UnusableImage {
  if (error instanceof UnusableImage) return error;
  const name = format === null || format === 'webp' ? 'WebP' : format.toUpperCase();
  const detail = format === 'bmp' ? `: ${(error as Error).message}` : '; it is cut short or damaged';
  return new UnusableImage('truncated', `Its ${name} data can't be decoded to the end${detail}.`);
}

/** Looks at the header only. @throws UnusableImage */
export async function probeImage(bytes: Buffer): Promise<ImageFacts> {
  if (!bytes.length) throw new UnusableImage('empty', 'It has no bytes.');
  const format = imageFormat(bytes);
  if (!format) throw new UnusableImage('not_an_image', 'Its content is none of JPEG, PNG, WebP, GIF, TIFF and BMP.');
  try {
    if (format === 'bmp') return { format, ...bounded(bmpSize(bytes)), orientation: 1, fast: false };
    const {
      width,
      height,
      orientation = 1,
      space,
      channels,
      depth,
    } = await sharp(bytes, { ...options(true), limitInputPixels: false }).metadata();
    const fast =
      format === 'jpeg' && orientation === 1 && depth === 'uchar' && space !== 'cmyk' && (channels === 1 || channels === 3);
    return { format, ...bounded({ width, height }), orientation, fast };
  } catch (error) {
    throw unusable(error, format);
  }
}

function bounded(size: { width: number; height: number }): { width: number; height: number } {
  if (size.width * size.height > LARGEST_PIXELS) {
    throw new UnusableImage(
      'too_large',
      `It would unpack to ${size.width} x ${size.height} pixels, more than ${LARGEST_PIXELS.toLocaleString('en')}.`,
    );
  }
  return size;
}

/** An upright RGB pipeline to look at: the rules above, but for libvips' own way with ink that has no profile, and its rounding of alpha. */
async function pipeline(bytes: Buffer): Promise<Sharp> {
  const { space } = await sharp(bytes, options(true)).metadata();
  return sharp(bytes, options(space !== 'cmyk'))
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
}

/** [height, width, 3], upright. @throws UnusableImage */
export async function decodeImage(bytes: Buffer): Promise<Rgb> {
  try {
    await probeImage(bytes);
    if (imageFormat(bytes) === 'bmp') return decodeBmp(bytes);
    const { space, icc } = await sharp(bytes, options(true)).metadata();
    const plainCmyk = space === 'cmyk' && !icc;
    const source = sharp(bytes, options(space !== 'cmyk' || plainCmyk));
    // Without pipelineColourspace libvips would go by way of a profile of its own.
    const upright = plainCmyk
      ? source.pipelineColourspace('cmyk').autoOrient().toColourspace('cmyk')
      : source.autoOrient().toColourspace('srgb');
    const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const rgb = plainCmyk ? cmykToRgb(data, info.channels) : threeChannels(data, info.channels);
    return { data: rgb, width: info.width, height: info.height };
  } catch (error) {
    throw unusable(error, imageFormat(bytes));
  }
}

/** Alpha, the last of two or four channels, is composited on white and rounded to nearest; gray is repeated. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = data.length / channels;
  const out = new Uint8Array(pixels * 3);
  const hasAlpha = channels % 2 === 0;
  const isGray = channels < 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * channels;
    const alpha = hasAlpha ? (data[from + channels - 1] as number) : 255;
    for (let channel = 0; channel < 3; channel++)
      out[pixel * 3 + channel] = timesShare(data[from + (isGray ? 0 : channel)] as number, alpha) + (255 - alpha);
  }
  return out;
}

/** value * share / 255, rounded to nearest: as Pillow's MULDIV255. */
function timesShare(value: number, share: number): number {
  const product = value * share + 128;
  return (product + (product >> 8)) >> 8;
}

/** Ink without a profile, by Pillow's formula: each ink takes its share of what black has left. */
function cmykToRgb(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels;
  const out = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const white = 255 - (data[pixel * channels + 3] as number);
    for (let ink = 0; ink < 3; ink++) out[pixel * 3 + ink] = white - timesShare(data[pixel * channels + ink] as number, white);
  }
  return out;
}

/** A tiny grayscale version of the whole image, decoded to its end. @throws UnusableImage */
export async function thumbnailGray(bytes: Buffer, width: number, height: number): Promise<Uint8Array> {
  try {
    const source =
      imageFormat(bytes) === 'bmp'
        ? fromRgb(decodeBmp(bytes))
        : sharp(bytes, options(true)).autoOrient().flatten({ background: '#ffffff' });
    return await source.resize(width, height, { fit: 'fill' }).toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer();
  } catch (error) {
    throw unusable(error, imageFormat(bytes));
  }
}

/** Up to this side a small image is kept without loss: at this scale a JPEG's blocks would show. */
const SMALL_SIDE = 96;

/** A picture to look at: PNG for what is small already, else JPEG. @param size longest side; smaller images keep every pixel @throws UnusableImage */
export async function smallPicture(bytes: Buffer, size: number): Promise<Buffer> {
  try {
    const { width, height } = await probeImage(bytes);
    const source = imageFormat(bytes) === 'bmp' ? fromRgb(decodeBmp(bytes)) : await pipeline(bytes);
    const small = source.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
    return await (Math.max(width, height) <= SMALL_SIDE ? small.png() : small.jpeg({ quality: 82 })).toBuffer();
  } catch (error) {
    throw unusable(error, imageFormat(bytes));
  }
}

const fromRgb = ({ data, width, height }: Rgb): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

/** An unusable image named on the command line. */
export function badImage(path: string, { message }: Error): AppError {
  return new AppError({
    code: 'bad_image',
    what: `${path} can't be used as an image.`,
    why: message,
    next: 'Choose another file.',
  });
}
