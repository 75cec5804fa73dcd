/**
 * Reads the format of torch.save before PyTorch 1.6: a magic number, a protocol number, the machine's byte order, the
 * object, the keys of its storages, each as a pickle, then every storage as a count of elements and its bytes, in the
 * order of the keys.
 */
import { BYTES } from '../dtypes';
import type { ByteRange } from './byte-range';
import { BadPickle } from './globals';
import { readPickle, type Pickled } from './pickle';
import { isDict, isOf, type Storage } from './values';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

export interface LegacyParts {
  root: Pickled;
  keys: readonly string[];
  bigEndian: boolean;
}

/** Reads everything before the storages and leaves the source at the first of them. @throws BadPickle, EndedTooEarly */
export function readLegacy(source: ByteRange): LegacyParts {
  if (readPickle(source).value !== MAGIC || readPickle(source).value !== PROTOCOL)
    throw new BadPickle('It does not begin as torch.save begins.');
  const system = readPickle(source).value;
  const little = isDict(system) ? system.pairs.find(([key]) => key === 'little_endian')?.[1] : undefined;
  if (typeof little !== 'boolean') throw new BadPickle('It does not say in which order its bytes are.');
  const root = readPickle(source);
  const keys = readPickle(source).value;
  if (!isOf(keys, 'list') || !keys.items.every((key) => typeof key === 'string'))
    throw new BadPickle('It has no list of its storages.');
  return { root, keys: keys.items as string[], bigEndian: !little };
}

/**
 * Returns the first byte of each storage. @param storages that the object refers to @throws BadPickle, EndedTooEarly
 */
export function legacyStarts(
  source: ByteRange,
  keys: readonly string[],
  storages: ReadonlyMap<string, Storage>,
): Map<string, number> {
  const starts = new Map<string, number>();
  for (const key of keys) {
    const known = storages.get(key);
    if (!known || starts.has(key)) throw new BadPickle(`Its storage ${key} is not in use, or is there twice.`);
    const count = source.take(8).readBigUInt64LE();
    if (count !== BigInt(known.count))
      throw new BadPickle(`Its storage ${key} has ${count} elements in place of ${known.count}.`);
    starts.set(key, source.position);
    source.skip(known.count * BYTES[known.dtype]);
  }
  return starts;
}
