/** Reads the first directory of a TIFF file without a decoder. A library would guess where the tags are explicit. */
import { damaged } from './unusable-image';

export const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samples: 277,
  planes: 284,
  colourMap: 320,
  tileWidth: 322,
  subDirectories: 330,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  dngVersion: 50706,
} as const;

/** Bytes of a value by its type number: BYTE, ASCII, SHORT, LONG, RATIONAL and so on. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const [BYTE, SHORT, LONG, DIRECTORY] = [1, 3, 4, 13];

interface Entry {
  type: number;
  count: number;
  /** Offset of the first value in the file. */
  at: number;
}

export class TiffDirectory {
  private readonly entries = new Map<number, Entry>();
  private readonly little: boolean;

  /** @param at where it begins; by default the file's first @throws UnusableImage where it is not complete */
  constructor(
    private readonly bytes: Buffer,
    at?: number,
  ) {
    this.little = bytes[0] === 0x49;
    const start = at ?? this.number(4, LONG);
    const count = this.number(start, SHORT);
    for (let index = 0; index < count; index++) {
      const place = start + 2 + 12 * index;
      const [tag, type, many] = [
        this.number(place, SHORT),
        this.number(place + 2, SHORT),
        this.number(place + 4, LONG),
      ];
      const size = (SIZES[type] ?? 0) * many;
      // The first occurrence of a repeated tag counts, as in libtiff.
      if (!this.entries.has(tag))
        this.entries.set(tag, { type, count: many, at: size > 4 ? this.number(place + 8, LONG) : place + 8 });
    }
  }

  has(tag: number): boolean {
    return this.entries.has(tag);
  }

  /** Returns the tag's whole numbers; none where it is absent. */
  values(tag: number): number[] {
    const entry = this.entries.get(tag);
    if (!entry || ![BYTE, SHORT, LONG, DIRECTORY].includes(entry.type)) return [];
    const size = SIZES[entry.type] as number;
    if (entry.at + size * entry.count > this.bytes.length) throw damaged('TIFF', 'a tag points past its end');
    return Array.from({ length: entry.count }, (_, index) => this.number(entry.at + size * index, entry.type));
  }

  value(tag: number, otherwise: number): number {
    return this.values(tag)[0] ?? otherwise;
  }

  /** Returns a copy of the file in which every value of a tag is this number. */
  withNumber(tag: number, number: number): Buffer {
    const copy = Buffer.from(this.bytes);
    const entry = this.entries.get(tag);
    if (!entry) return copy;
    const size = SIZES[entry.type] as number;
    for (let at = entry.at; at < entry.at + size * entry.count; at += size) {
      if (this.little) copy.writeUIntLE(number, at, size);
      else copy.writeUIntBE(number, at, size);
    }
    return copy;
  }

  private number(at: number, type: number): number {
    const size = SIZES[type] as number;
    if (at + size > this.bytes.length) throw damaged('TIFF', 'it ends within its directory');
    return this.little ? this.bytes.readUIntLE(at, size) : this.bytes.readUIntBE(at, size);
  }
}
