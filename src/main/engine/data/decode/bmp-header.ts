/** Reads the header of a BMP file and refuses the variants that are not supported (docs/data.md). */
import type { Size } from '../image/box';
import { damaged, unsupported } from './unusable-image';

export interface BmpHeader extends Size {
  topDown: boolean;
  bits: number;
  compression: number;
  /** Palette as RGB triples. */
  palette: Uint8Array;
  /** Bits of red, green, blue and alpha in a pixel; an alpha of 0 means none. */
  masks: readonly [number, number, number, number];
  /** Offset of the pixels in bytes. */
  pixels: number;
}

export const BMP = { rgb: 0, rle8: 1, rle4: 2, fields: 3 } as const;
const OTHER_COMPRESSIONS = new Map([
  [4, 'a JPEG inside'],
  [5, 'a PNG inside'],
  [6, 'bit fields with alpha after its header'],
]);
/** Header sizes of OS/2 1 and 2, Windows 3 with its three extensions, 4 and 5. */
const HEADERS = [12, 40, 52, 56, 64, 108, 124];
const OS2_2 = 64;
const BGR: BmpHeader['masks'] = [0xff0000, 0xff00, 0xff, 0];
const RGB555: BmpHeader['masks'] = [0x7c00, 0x3e0, 0x1f, 0];
const BGRA: BmpHeader['masks'] = [0xff0000, 0xff00, 0xff, 0xff000000];

/** Reads the header. @throws UnusableImage where it is not complete, or of an unsupported kind */
export function bmpHeader(bytes: Buffer): BmpHeader {
  const size = bytes.length < 18 ? 0 : bytes.readUInt32LE(14);
  if (bytes.length < 26 || bytes.length < 14 + size) throw damaged('BMP', 'the file ends within its header');
  if (!HEADERS.includes(size)) throw unsupported(`It is a BMP with a header of ${size} bytes`);
  const old = size === 12;
  const width = old ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const rows = old ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? BMP.rgb : bytes.readUInt32LE(30);
  if (width <= 0 || rows === 0) throw damaged('BMP', 'it has no pixels');
  checkKind(bits, compression, size);
  return {
    ...{ width, height: Math.abs(rows), topDown: rows < 0, bits, compression },
    palette: palette(bytes, size, bits),
    masks: compression === BMP.fields ? fields(bytes, size, bits) : bits === 16 ? RGB555 : BGR,
    pixels: bytes.readUInt32LE(10),
  };
}

function checkKind(bits: number, compression: number, size: number): void {
  const other = OTHER_COMPRESSIONS.get(compression);
  if (other && size !== OS2_2) throw unsupported(`It is a BMP with ${other}`);
  if (compression > BMP.fields || (size === OS2_2 && compression === BMP.fields))
    throw unsupported(`It is a BMP with compression ${compression}`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw unsupported(`It is a BMP with ${bits} bits a pixel`);
  const runs = { [BMP.rle8]: 8, [BMP.rle4]: 4 }[compression];
  if ((runs !== undefined && runs !== bits) || (compression === BMP.fields && bits < 16))
    throw damaged('BMP', `compression ${compression} does not go with ${bits} bits a pixel`);
}

/** Returns the masks of bit fields: in the header where it has room, else after it and without alpha. */
function fields(bytes: Buffer, size: number, bits: number): BmpHeader['masks'] {
  if (bytes.length < 66) throw damaged('BMP', 'the file ends within its header');
  const masks = [54, 58, 62].map((at) => bytes.readUInt32LE(at)) as [number, number, number];
  const alpha = size >= 56 ? bytes.readUInt32LE(66) : 0;
  if (bits === 32 && [...masks, alpha].every((mask) => mask === 0)) return BGRA;
  if (bits === 16 && alpha !== 0) throw unsupported('It is a BMP of 16 bits a pixel with alpha');
  for (const mask of alpha === 0 ? masks : [...masks, alpha]) {
    const width = 32 - Math.clz32(mask >>> lowest(mask));
    if (mask === 0 || mask >>> lowest(mask) !== 2 ** width - 1 || width > 8 || mask >= 2 ** bits)
      throw unsupported(`It is a BMP with bit field ${mask.toString(16).padStart(8, '0')}`);
  }
  return [...masks, alpha];
}

/** Returns the position of a mask's lowest bit. */
export const lowest = (mask: number): number => 31 - Math.clz32(mask & -mask);

function palette(bytes: Buffer, size: number, bits: number): Uint8Array {
  if (bits > 8) return new Uint8Array(0);
  const old = size === 12;
  const entry = old ? 3 : 4;
  const used = (old ? 0 : bytes.readUInt32LE(46)) || 1 << bits;
  const colours = new Uint8Array(3 << bits);
  for (let index = 0; index < Math.min(used, 1 << bits); index++) {
    const at = 14 + size + index * entry;
    colours.set([bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0], index * 3);
  }
  return colours;
}
