/**
 * Decodes BMP, which the image library does not read: 1, 4, 8, 16, 24 and 32 bits a pixel, bit fields, and run lengths.
 */
import type { Rgb } from '../image/rgb';
import type { Size } from '../image/box';
import { BMP, bmpHeader, lowest, type BmpHeader } from './bmp-header';
import { timesShare } from './channels';
import { damaged } from './unusable-image';

const CUT = 'the file ends within its pixels';

/** Returns width and height. @throws UnusableImage */
export function bmpSize(bytes: Buffer): Size {
  const { width, height } = bmpHeader(bytes);
  return { width, height };
}

/** Decodes to RGB. @throws UnusableImage */
export function decodeBmp(bytes: Buffer): Rgb {
  const head = bmpHeader(bytes);
  const { width, height } = head;
  const put = head.bits <= 8 ? indexed(bytes, head) : direct(bytes, head);
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) put(row, data.subarray((head.topDown ? row : height - 1 - row) * width * 3));
  return { data, width, height };
}

type RowWriter = (row: number, out: Uint8Array) => void;

const rowBytes = ({ width, bits }: BmpHeader): number => Math.ceil((width * bits) / 32) * 4;

/** Refuses a file that ends too early. The last row may lack the bytes that pad it to a multiple of four. */
function refuseShort(bytes: Buffer, head: BmpHeader): void {
  const last = Math.ceil((head.width * head.bits) / 8);
  if (head.pixels + rowBytes(head) * (head.height - 1) + last > bytes.length) throw damaged('BMP', CUT);
}

function indexed(bytes: Buffer, head: BmpHeader): RowWriter {
  const { width, bits, compression, palette: colours, pixels } = head;
  const packed = compression === BMP.rle8 || compression === BMP.rle4 ? runLengths(bytes, head) : null;
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

/**
 * Unpacks palette indices [height, width], bottom row first; skipped places are 0.
 * @throws UnusableImage where the data ends too early
 */
function runLengths(bytes: Buffer, { width, height, compression, pixels }: BmpHeader): Uint8Array {
  const out = new Uint8Array(width * height);
  const four = compression === BMP.rle4;
  let [at, done] = [pixels, 0];
  const put = (count: number, index: (of: number) => number): void => {
    if ((done % width) + count > width) throw damaged('BMP', 'a run leaves its row');
    for (let each = 0; each < count; each++) out[done++] = index(each);
  };
  const nibble = (value: number, index: number): number => (four ? (index % 2 ? value & 15 : value >> 4) : value);
  while (done < out.length) {
    if (at + 2 > bytes.length) throw damaged('BMP', CUT);
    const [count, value] = [bytes[at++] as number, bytes[at++] as number];
    if (count) put(count, (index) => nibble(value, index));
    else if (value === 0) done = Math.ceil(done / width) * width;
    else if (value === 1) throw damaged('BMP', CUT);
    else if (value === 2) done += (bytes[at++] ?? 0) + (bytes[at++] ?? 0) * width;
    else {
      const used = four ? (value + 1) >> 1 : value;
      if (at + used > bytes.length) throw damaged('BMP', CUT);
      put(value, (index) => nibble(bytes[at + (four ? index >> 1 : index)] as number, index));
      at += used + (used % 2);
    }
  }
  return out;
}

/** Writes direct colours. Channels of fewer than eight bits are spread over 0..255 and rounded down, as in Pillow. */
function direct(bytes: Buffer, head: BmpHeader): RowWriter {
  const { width, bits, masks, pixels } = head;
  refuseShort(bytes, head);
  const [red, green, blue, alpha] = masks.map((mask) => {
    const [shift, largest] = [lowest(mask), mask >>> lowest(mask)];
    return (value: number): number => (mask === 0 ? 255 : Math.floor((((value & mask) >>> shift) * 255) / largest));
  }) as [Channel, Channel, Channel, Channel];
  const bytesEach = bits / 8;
  return (row, out) => {
    for (let x = 0; x < width; x++) {
      const value = bytes.readUIntLE(pixels + row * rowBytes(head) + x * bytesEach, bytesEach);
      const share = alpha(value);
      out[x * 3] = timesShare(red(value), share) + (255 - share);
      out[x * 3 + 1] = timesShare(green(value), share) + (255 - share);
      out[x * 3 + 2] = timesShare(blue(value), share) + (255 - share);
    }
  };
}

type Channel = (value: number) => number;
