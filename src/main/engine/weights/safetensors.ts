/**
 * Reader and writer of the safetensors format (github.com/huggingface/safetensors, "Format"): 8 bytes of header length,
 * a JSON header, the tensors without gaps. A file is not trusted: its whole header is checked before a tensor is read.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { AppError } from '../../../shared/errors';
import { isDiskFull } from '../../base/disk-full';
import { sizeOf } from '../size-of';
import { BYTES, toArray, type StoredDtype } from './dtypes';

const LARGEST_HEADER = 100 << 20;
const METADATA = '__metadata__';

interface Entry {
  dtype: StoredDtype;
  shape: number[];
  data_offsets: [number, number];
}

export interface StoredTensor {
  shape: readonly number[];
  data: Float32Array | Int32Array | BigInt64Array;
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false;
  const { dtype, shape, data_offsets: place } = value as Partial<Record<keyof Entry, unknown>>;
  return (
    typeof dtype === 'string' &&
    isCounts(shape) &&
    isCounts(place) &&
    place.length === 2 &&
    Number.isSafeInteger(sizeOf(shape))
  );
}

export class SafetensorsFile {
  readonly metadata: Record<string, string>;
  private readonly entries: Map<string, Entry>;
  private readonly start: number;

  /** Opens a file. @throws AppError weights_mismatch where it is not complete or not safetensors */
  constructor(readonly path: string) {
    const handle = openSync(path, 'r');
    try {
      const bytes = fstatSync(handle).size;
      if (!bytes) throw this.invalid('It has no bytes.');
      const length = Number(
        this.take(handle, 0, Math.min(8, bytes)).length === 8 ? this.take(handle, 0, 8).readBigUInt64LE() : 0,
      );
      if (length < 2 || length > LARGEST_HEADER || 8 + length > bytes)
        throw this.invalid('Its header is not that of a safetensors file.');
      const header = new Map(Object.entries(this.parse(this.take(handle, 8, length))));
      this.metadata = this.texts(header.get(METADATA) ?? {});
      header.delete(METADATA);
      this.start = 8 + length;
      this.entries = this.checked(header, bytes - this.start);
    } finally {
      closeSync(handle);
    }
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  shape(name: string): readonly number[] {
    return this.entry(name).shape;
  }

  dtype(name: string): StoredDtype {
    return this.entry(name).dtype;
  }

  /** Reads the tensor as float32, also integers except I32. */
  read(name: string): Float32Array | Int32Array {
    const {
      dtype,
      data_offsets: [from, to],
    } = this.entry(name);
    const handle = openSync(this.path, 'r');
    try {
      return toArray(dtype, this.take(handle, this.start + from, to - from));
    } finally {
      closeSync(handle);
    }
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw this.invalid(`It has no tensor ${name}.`);
    return entry;
  }

  private parse(header: Buffer): object {
    let parsed: unknown;
    try {
      parsed = JSON.parse(header.toString('utf8'));
    } catch (cause) {
      throw this.invalid(`Its header is not JSON: ${String(cause)}.`);
    }
    if (!isRecord(parsed)) throw this.invalid('Its header is not an object.');
    return parsed;
  }

  private texts(metadata: unknown): Record<string, string> {
    if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
      throw this.invalid(`Its ${METADATA} is not a list of texts.`);
    return metadata as Record<string, string>;
  }

  /** Checks the header's entries, which have to follow each other in the file without overlap or gap. */
  private checked(header: Map<string, unknown>, bytes: number): Map<string, Entry> {
    const entries = [...header].map(([name, value]): [string, Entry] => {
      if (!isEntry(value)) throw this.invalid(`The entry of ${name} is not a dtype, a shape and two offsets.`);
      if (!Object.hasOwn(BYTES, value.dtype))
        throw this.invalid(`${name} has dtype ${value.dtype}, which is not handled.`);
      return [name, value];
    });
    let end = 0;
    // An empty tensor begins where its neighbour does.
    for (const [
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ] of entries.toSorted(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])) {
      if (from !== end || to > bytes || to - from !== sizeOf(shape) * BYTES[dtype])
        throw this.invalid(`The place of ${name} does not fit the file.`);
      end = to;
    }
    if (end !== bytes) throw this.invalid(`It has ${bytes} bytes of tensors, its header describes ${end}.`);
    return new Map(entries);
  }

  private take(handle: number, position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const read = readSync(handle, buffer, done, length - done, position + done);
      if (!read) throw this.invalid('It ends too early.');
      done += read;
    }
    return buffer;
  }

  private invalid(why: string): AppError {
    return new AppError({
      code: 'weights_mismatch',
      what: `${this.path} can't be read as safetensors.`,
      why,
      next: 'Choose another file, or write it again.',
    });
  }
}

const dtypeOf = (data: StoredTensor['data']): StoredDtype =>
  data instanceof Float32Array ? 'F32' : data instanceof Int32Array ? 'I32' : 'I64';

/**
 * Sorts by size of the elements, largest first, then by name: every tensor then begins at a multiple of its element's
 * size.
 */
function ordered(tensors: Record<string, StoredTensor>): [string, StoredTensor][] {
  return Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) => BYTES[dtypeOf(b.data)] - BYTES[dtypeOf(a.data)] || (nameA < nameB ? -1 : 1),
  );
}

/**
 * Writes and syncs the file; the caller renames it into place.
 * @returns sha256 of the whole file, computed while writing
 * @throws AppError disk_full
 */
export function writeSafetensors(
  path: string,
  tensors: Record<string, StoredTensor>,
  metadata: Record<string, string>,
): { sha256: string; bytes: number } {
  let end = 0;
  const header: [string, unknown][] = [[METADATA, metadata]];
  const sorted = ordered(tensors);
  for (const [name, { shape, data }] of sorted) {
    if (name === METADATA) throw new Error(`a tensor may not be called ${METADATA}`);
    if (data.length !== sizeOf(shape))
      throw new Error(`${name} has ${data.length} values, [${shape.join(', ')}] needs ${sizeOf(shape)}`);
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [end, (end += data.byteLength)] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return writeParts(path, [
    length,
    padded,
    ...sorted.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function writeParts(path: string, parts: readonly Buffer[]): { sha256: string; bytes: number } {
  const hash = createHash('sha256');
  const handle = openSync(path, 'w');
  let bytes = 0;
  try {
    for (const part of parts) {
      hash.update(part);
      bytes += part.length;
      for (let done = 0; done < part.length;) done += writeSync(handle, part, done, part.length - done);
    }
    fsyncSync(handle);
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause;
    throw new AppError(
      {
        code: 'disk_full',
        what: `${path} could not be written.`,
        why: `The disk is full after ${bytes} bytes.`,
        next: 'Free some space and try again.',
      },
      { cause },
    );
  } finally {
    closeSync(handle);
  }
  return { sha256: hash.digest('hex'), bytes };
}
