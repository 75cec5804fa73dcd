/**
 * Decodes the first picture of a GIF on its canvas. It is our own decoder, because the image library reports neither
 * the uncovered part of the canvas nor that the data ends too early. Uncovered pixels are transparent, hence white; the
 * canvas grows to hold the picture, as in Pillow.
 */
import type { Rgb } from '../image/rgb';
import type { Size } from '../image/box';
import { damaged } from './unusable-image';

interface GifPicture {
  canvas: Size;
  left: number;
  top: number;
  width: number;
  height: number;
  interlaced: boolean;
  /** RGB triples; null: gray levels. */
  colours: Uint8Array | null;
  transparent: number | null;
  /** Offset of the picture's data: the width of its codes, then blocks. */
  data: number;
}

const [EXTENSION, PICTURE, END] = [0x21, 0x2c, 0x3b];
const GRAPHIC_CONTROL = 0xf9;
const NO_PICTURE = 'it has no picture';
const CUT = 'it ends within its first picture';

export const gifSize = (bytes: Buffer): Size => firstPicture(bytes).canvas;

export function decodeGif(bytes: Buffer): Rgb {
  const picture = firstPicture(bytes);
  const { canvas, left, top, width, height, colours, transparent } = picture;
  const indices = unpack(bytes, picture);
  const data = new Uint8Array(canvas.width * canvas.height * 3).fill(255);
  const order = picture.interlaced ? interlacedRows(height) : null;
  for (let row = 0; row < height; row++) {
    let to = ((top + (order ? (order[row] as number) : row)) * canvas.width + left) * 3;
    for (let x = 0; x < width; x++, to += 3) {
      const index = indices[row * width + x] as number;
      if (index === transparent) continue;
      for (let channel = 0; channel < 3; channel++)
        data[to + channel] = colours ? (colours[index * 3 + channel] ?? 0) : index;
    }
  }
  return { data, ...canvas };
}

/** Finds the first picture. @throws UnusableImage where there is none */
function firstPicture(bytes: Buffer): GifPicture {
  if (bytes.length < 13) throw damaged('GIF', 'it ends within its header');
  const flags = bytes[10] as number;
  let at = 13 + paletteBytes(flags);
  const shared = flags & 0x80 ? bytes.subarray(13, at) : null;
  let transparent: number | null = null;
  for (;;) {
    const kind = bytes[at];
    if (kind === PICTURE) return described(bytes, at + 1, shared, transparent);
    if (kind === undefined || kind === END) throw damaged('GIF', NO_PICTURE);
    if (kind === EXTENSION) {
      if (bytes[at + 1] === GRAPHIC_CONTROL && (bytes[at + 3] ?? 0) & 1) transparent = bytes[at + 6] ?? null;
      at = afterBlocks(bytes, at + 2);
    } else at++;
  }
}

const paletteBytes = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

function described(bytes: Buffer, at: number, shared: Uint8Array | null, transparent: number | null): GifPicture {
  if (at + 9 > bytes.length) throw damaged('GIF', CUT);
  const word = (offset: number): number => bytes.readUInt16LE(offset);
  const [left, top, width, height] = [word(at), word(at + 2), word(at + 4), word(at + 6)];
  if (!width || !height) throw damaged('GIF', NO_PICTURE);
  const flags = bytes[at + 8] as number;
  const data = at + 9 + paletteBytes(flags);
  return {
    canvas: { width: Math.max(word(6), left + width), height: Math.max(word(8), top + height) },
    ...{ left, top, width, height, transparent, data },
    interlaced: (flags & 0x40) !== 0,
    colours: flags & 0x80 ? bytes.subarray(at + 9, data) : shared,
  };
}

function afterBlocks(bytes: Buffer, at: number): number {
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] as number);
  return at + 1;
}

/** Returns the rows in stored order: every eighth, then those between. */
const interlacedRows = (height: number): number[] =>
  [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ].flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first!) / step!)) }, (_, index) => first! + index * step!),
  );

const LARGEST_CODE = 4096;

/** Unpacks LZW with growing codes to colour indices in stored order. @throws UnusableImage where they end too early */
function unpack(bytes: Buffer, { width, height, data: start }: GifPicture): Uint8Array {
  const bits = bytes[start] ?? 0;
  if (bits < 1 || bits > 8) throw damaged('GIF', `its codes begin with ${bits} bits`);
  const [clear, end] = [1 << bits, (1 << bits) + 1];
  const out = new Uint8Array(width * height);
  const prefixes = new Uint16Array(LARGEST_CODE);
  const lasts = new Uint8Array(LARGEST_CODE);
  const lengths = new Uint16Array(LARGEST_CODE);
  for (let code = 0; code < clear; code++) [lasts[code], lengths[code]] = [code, 1];
  const next = codeReader(bytes, start + 1);
  let [size, free, previous, done] = [bits + 1, end + 1, -1, 0];
  while (done < out.length) {
    const code = next(size);
    if (code < 0 || code === end) throw damaged('GIF', CUT);
    if (code === clear) {
      [size, free, previous] = [bits + 1, end + 1, -1];
      continue;
    }
    if (code > free || (code === free && previous < 0))
      throw damaged('GIF', 'a code refers to an entry that does not exist');
    // A code that is just being made is the previous one followed by its own first value.
    let from = code === free ? previous : code;
    const length = (lengths[from] as number) + (code === free ? 1 : 0);
    let at = done + length - 1;
    if (code === free) at--;
    for (; ; from = prefixes[from] as number, at--) {
      if (at < out.length) out[at] = lasts[from] as number;
      if (at === done) break;
    }
    const first = out[done] as number;
    if (code === free && done + length - 1 < out.length) out[done + length - 1] = first;
    if (previous >= 0 && free < LARGEST_CODE) {
      [prefixes[free], lasts[free], lengths[free]] = [previous, first, (lengths[previous] as number) + 1];
      free++;
      if (free === 1 << size && size < 12) size++;
    }
    previous = code;
    done += length;
  }
  return out;
}

/** Reads codes from a chain of blocks, lowest bits first; returns -1 at its end. */
function codeReader(bytes: Buffer, start: number): (size: number) => number {
  let [at, left, held, filled] = [start, 0, 0, 0];
  return (size) => {
    while (filled < size) {
      if (left === 0) {
        left = bytes[at++] ?? 0;
        // A block that is not complete is not read, as in Pillow.
        if (left === 0 || at + left > bytes.length) return -1;
      }
      left--;
      held |= (bytes[at++] as number) << filled;
      filled += 8;
    }
    const code = held & ((1 << size) - 1);
    held >>>= size;
    filled -= size;
    return code;
  };
}
