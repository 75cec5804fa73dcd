/**
 * Reads the list of files of a ZIP archive (PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3) as torch.save writes
 * it: all entries are stored uncompressed, so none can be larger than the archive.
 */
import { BadPickle } from './globals';
import { readAt } from './byte-range';

export interface ArchiveEntry {
  /** Offset of the entry's header; the bytes themselves come after it. */
  header: number;
  bytes: number;
  stored: boolean;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LARGEST_LIST = 64 << 20;
const LONGEST_COMMENT = 0xffff;

interface Listing {
  entries: number;
  bytes: number;
  position: number;
}

/** Finds the list, from the record at the archive's end. */
function listing(handle: number, size: number): Listing {
  const from = Math.max(0, size - LONGEST_COMMENT - 22 - 20);
  const tail = readAt(handle, from, size - from);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + 22 + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const found = {
      entries: tail.readUInt16LE(at + 10),
      bytes: tail.readUInt32LE(at + 12),
      position: tail.readUInt32LE(at + 16),
    };
    const large = found.entries === 0xffff || found.bytes === 0xffffffff || found.position === 0xffffffff;
    return large && at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR_64
      ? listing64(handle, Number(tail.readBigUInt64LE(at - 12)), size)
      : found;
  }
  throw new BadPickle('The list at the end of its archive is missing: the file is not whole.');
}

function listing64(handle: number, position: number, size: number): Listing {
  const record = position + 56 <= size ? readAt(handle, position, 56) : null;
  if (record?.readUInt32LE(0) !== END_64) throw new BadPickle('The list at the end of its archive is damaged.');
  const [entries, bytes, first] = [32, 40, 48].map((at) => Number(record.readBigUInt64LE(at))) as [
    number,
    number,
    number,
  ];
  return { entries, bytes, position: first };
}

/**
 * Reads size and offset of an entry beyond 4 GiB from an extra field, which holds those that did not fit into the
 * entry.
 */
function large(extra: Buffer, short: readonly number[]): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return short.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      if (next > extra.length) throw new BadPickle('The list at the end of its archive is damaged.');
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return [...short];
}

/** Returns the entries by name. @throws BadPickle, EndedTooEarly */
export function readArchive(handle: number, size: number): Map<string, ArchiveEntry> {
  const { entries, bytes, position } = listing(handle, size);
  if (position + bytes > size || bytes > LARGEST_LIST)
    throw new BadPickle('The list at the end of its archive is damaged.');
  const list = readAt(handle, position, bytes);
  const found = new Map<string, ArchiveEntry>();
  let [at, whole] = [0, 0];
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > list.length || list.readUInt32LE(at) !== CENTRAL)
      throw new BadPickle('The list at the end of its archive is damaged.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => list.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const [nameEnd, end] = [at + 46 + nameLength, at + 46 + nameLength + extraLength + commentLength];
    if (end > list.length) throw new BadPickle('The list at the end of its archive is damaged.');
    const name = list.toString('utf8', at + 46, nameEnd);
    const [unpacked, packed, header] = large(
      list.subarray(nameEnd, nameEnd + extraLength),
      [24, 20, 42].map((field) => list.readUInt32LE(at + field)),
    ) as [number, number, number];
    if (found.has(name) || /(^|[\\/])\.\.([\\/]|$)|^[\\/]|\0/.test(name))
      throw new BadPickle(`Its archive has an entry called ${JSON.stringify(name)}, as torch.save writes none.`);
    // The entry is neither compressed nor encrypted.
    const stored = list.readUInt16LE(at + 10) === 0 && !(list.readUInt16LE(at + 8) & 1) && unpacked === packed;
    found.set(name, { header, bytes: unpacked, stored });
    whole += packed;
    at = end;
  }
  if (whole > size) throw new BadPickle('Its archive lists more bytes than it has.');
  return found;
}

/** Returns where the bytes of an entry begin. @throws BadPickle, EndedTooEarly */
export function entryStart(
  handle: number,
  size: number,
  name: string,
  { header, bytes, stored }: ArchiveEntry,
): number {
  if (!stored) throw new BadPickle(`Its archive has ${name} compressed or encrypted, and torch.save does neither.`);
  const local = header + 30 <= size ? readAt(handle, header, 30) : null;
  if (local?.readUInt32LE(0) !== LOCAL) throw new BadPickle(`Its archive has no ${name} where its list says.`);
  const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (start + bytes > size) throw new BadPickle(`Its archive ends within ${name}: the file is not whole.`);
  return start;
}
