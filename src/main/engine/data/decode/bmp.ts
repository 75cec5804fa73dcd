import type { Rgb } from '../image/rgb';

/** BMP, which the prebuilt image library does not read: 1, 4, 8, 16, 24 and 32 bits a pixel, bit fields, and run lengths. */

interface Header {
  width: number;
  height: number;
  topDown: boolean;
  bits: number;
  compression: number;
  /** Palette as RGB triples. */
  palette: Uint8Array;
  masks: [number, number, number];
  pixels: number;
}

const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;

/** @throws Error where it is not whole or of a kind that is not handled */
export function bmpSize(bytes: Buffer): { width: number; height: number } {
  const { width, height } = header(bytes);
  return { width, height };
}

function header(bytes: Buffer): Header {
  if (bytes.length < 30) throw new Error('the file ends within its header');
  const size = bytes.readUInt32LE(14);
  const old = size === 12;
  const width = old ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const rows = old ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? 0 : bytes.readUInt32LE(30);
  if (width <= 0 || rows === 0) throw new Error('it has no pixels');
  if (![0, RLE8, RLE4, BITFIELDS].includes(compression)) throw new Error(`BMP compression ${compression} is not handled`);
  const masksAt = 14 + 40;
  const masks: [number, number, number] =
    compression === BITFIELDS
      ? [bytes.readUInt32LE(masksAt), bytes.readUInt32LE(masksAt + 4), bytes.readUInt32LE(masksAt + 8)]
      : bits === 16
        ? [0x7c00, 0x3e0, 0x1f]
        : [0xff0000, 0xff00, 0xff];
  return {
    width,
    height: Math.abs(rows),
    topDown: rows < 0,
    bits,
    compression,
    palette: palette(bytes, size, old, bits),
    masks,
    pixels: bytes.readUInt32LE(10),
  };
}

function palette(bytes: Buffer, headerSize: number, old: boolean, bits: number): Uint8Array {
  if (bits > 8) return new Uint8Array(0);
  const entry = old ? 3 : 4;
  const used = (old ? 0 : bytes.readUInt32LE(46)) || 1 << bits;
  const colours = new Uint8Array(3 << bits);
  for (let index = 0; index < Math.min(used, 1 << bits); index++) {
    const at = 14 + headerSize + index * entry;
    colours.set([bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0], index * 3);
  }
  return colours;
}

export function decodeBmp(bytes: Buffer): Rgb {
  const head = header(bytes);
  const { width, height } = head;
  const data = new Uint8Array(width * height * 3);
  const put = head.bits <= 8 ? indexed(bytes, head) : direct(bytes, head);
  for (let row = 0; row < height; row++) put(row, data.subarray((head.topDown ? row : height - 1 - row) * width * 3));
  return { data, width, height };
}

type RowWriter = (row: number, out: Uint8Array) => void;

function rowBytes({ width, bits }: Header): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function refuseShort(bytes: Buffer, head: Header): void {
  if (head.pixels + rowBytes(head) * head.height > bytes.length) throw new Error('the file ends within its pixels');
}

function indexed(bytes: Buffer, head: Header): RowWriter {
  const { width, bits, compression, palette: colours, pixels } = head;
  const packed = compression === RLE8 || compression === RLE4 ? runLengths(bytes, head) : null;
  if (!packed) refuseShort(bytes, head);
  return (row, out) => {
    for (let x = 0; x < width; x++) {
      const at = pixels + row * rowBytes(head) + Math.floor((x * bits) / 8);
      const index = packed
        ? (packed[row * width + x] as number)
        : ((bytes[at] as number) >> (8 - bits - ((x * bits) % 8))) & ((1 << bits) - 1);
      out.set(colours.subarray(index * 3, index * 3 + 3), x * 3);
    }
  };
}

/** Palette indices [height, width], bottom row first. */
function runLengths(bytes: Buffer, { width, height, compression, pixels }: Header): Uint8Array {
  const out = new Uint8Array(width * height);
  const four = compression === RLE4;
  let [at, x, row] = [pixels, 0, 0];
  const put = (index: number): void => {
    if (x < width && row < height) out[row * width + x] = index;
    x++;
  };
  const nibble = (value: number, index: number): number => (four ? (index % 2 ? value & 15 : value >> 4) : value);
  while (row < height) {
    if (at + 2 > bytes.length) throw new Error('the file ends within its pixels');
    const [count, value] = [bytes[at++] as number, bytes[at++] as number];
    if (count) for (let index = 0; index < count; index++) put(nibble(value, index));
    else if (value === 0) [x, row] = [0, row + 1];
    else if (value === 1) return out;
    else if (value === 2) [x, row] = [x + (bytes[at++] ?? 0), row + (bytes[at++] ?? 0)];
    else {
      for (let index = 0; index < value; index++) put(nibble(bytes[at + (four ? index >> 1 : index)] ?? 0, index));
      const used = four ? (value + 1) >> 1 : value;
      at += used + (used % 2);
    }
  }
  return out;
}

function direct(bytes: Buffer, head: Header): RowWriter {
  const { width, bits, masks, pixels } = head;
  refuseShort(bytes, head);
  const channels = masks.map((mask) => {
    const shift = 31 - Math.clz32(mask & -mask);
    const largest = mask >>> shift;
    return (value: number): number => Math.round((((value & mask) >>> shift) * 255) / (largest || 1));
  });
  const bytesEach = bits / 8;
  return (row, out) => {
    for (let x = 0; x < width; x++) {
      const value = bytes.readUIntLE(pixels + row * rowBytes(head) + x * bytesEach, bytesEach);
      channels.forEach((channel, index) => (out[x * 3 + index] = channel(value)));
    }
  };
}
