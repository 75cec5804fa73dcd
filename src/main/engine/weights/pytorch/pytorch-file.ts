/**
 * Reads weights that torch.save has written, in either of its formats, without PyTorch and without running anything in
 * the file. A file is not trusted: its sizes and offsets are checked before bytes are read, and a tensor is read when
 * it is asked for.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { endianness } from 'node:os';
import { sizeOf } from '../../size-of';
import { BYTES, toArray } from '../dtypes';
import type { Tensors } from '../name-prefix';
import { entryStart, readArchive } from './archive';
import { ByteRange, EndedTooEarly, readAt } from './byte-range';
import { refused } from './damage';
import { BadPickle, UnknownName } from './globals';
import { legacyStarts, readLegacy } from './legacy';
import { readPickle } from './pickle';
import { NoSuchState, STATE_KEYS, stateOf, type State } from './state';
import { lastElement, stridedCopy } from './strided';
import type { Tensor } from './values';

/** Limit of the elements of a view that repeats them; any other view has at most as many as its storage. */
const MOST_REPEATED = 1 << 20;
/** Limit of the pickles that describe the content, in bytes. */
const LARGEST_PICKLE = 64 << 20;

export class PyTorchFile implements Tensors {
  /** Key of the file under which the weights were; null: the file consists of weights only. */
  readonly key: string | null;
  private readonly tensors: State['tensors'];
  /** First byte of each storage. */
  private readonly starts: ReadonlyMap<string, number>;
  private readonly bigEndian: boolean;

  /** @param wanted key of the weights; null: see STATE_KEYS  @throws AppError weights_mismatch */
  constructor(
    readonly path: string,
    wanted: string | null,
  ) {
    const handle = openSync(path, 'r');
    try {
      const { size } = fstatSync(handle);
      const archived = size >= 4 && readAt(handle, 0, 4).toString('latin1') === 'PK\x03\x04';
      const parts = archived ? openArchive(handle, size, wanted) : openLegacy(handle, size, wanted);
      ({ key: this.key, tensors: this.tensors } = parts.state);
      this.starts = parts.starts;
      this.bigEndian = parts.bigEndian;
      for (const [name, tensor] of this.tensors) checkBounds(name, tensor);
    } catch (cause) {
      throw this.explained(cause);
    } finally {
      closeSync(handle);
    }
  }

  get names(): string[] {
    return [...this.tensors.keys()];
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  /** Reads the tensor as float32, or int32 where it is one, row by row. @throws AppError weights_mismatch */
  read(name: string): Float32Array | Int32Array {
    const tensor = this.tensor(name);
    const { dtype, key } = tensor.storage;
    if (sizeOf(tensor.shape) === 0) return new Float32Array(0);
    const handle = openSync(this.path, 'r');
    try {
      const first = (this.starts.get(key) as number) + tensor.offset * BYTES[dtype];
      const bytes = readAt(handle, first, (lastElement(tensor) + 1) * BYTES[dtype]);
      return stridedCopy(toArray(dtype, this.inOurOrder(bytes, BYTES[dtype])), tensor);
    } catch (cause) {
      throw this.explained(cause);
    } finally {
      closeSync(handle);
    }
  }

  private inOurOrder(bytes: Buffer, width: number): Buffer {
    if (this.bigEndian === (endianness() === 'BE') || width === 1) return bytes;
    return width === 2 ? bytes.swap16() : width === 4 ? bytes.swap32() : bytes.swap64();
  }

  private tensor(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw refused(this.path, `It has no tensor ${name}.`);
    return tensor;
  }

  private explained(cause: unknown): unknown {
    if (cause instanceof EndedTooEarly) return refused(this.path, 'It ends too early: the file is not whole.');
    if (cause instanceof UnknownName)
      return refused(
        this.path,
        cause.message,
        'Choose another file. Where its source is trusted, load it in PyTorch, save its state_dict alone, and give that file.',
      );
    if (cause instanceof BadPickle) return refused(this.path, cause.message);
    if (!(cause instanceof NoSuchState)) return cause;
    const { choices } = cause;
    const held = choices.length ? ` Keys that hold weights are ${choices.join(', ')}.` : '';
    return refused(
      this.path,
      cause.message + held,
      choices.length
        ? `Name one with --init-key; without it the first of ${STATE_KEYS.join(', ')} is taken.`
        : 'Choose a file that holds the state_dict of a model.',
    );
  }
}

interface Parts {
  state: State;
  starts: ReadonlyMap<string, number>;
  bigEndian: boolean;
}

function openArchive(handle: number, size: number, wanted: string | null): Parts {
  const entries = readArchive(handle, size);
  const pickles = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name) || name === 'data.pkl');
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) throw new BadPickle('Its archive holds not exactly one data.pkl.');
  const root = pickle.slice(0, -'data.pkl'.length);
  const place = (name: string): { start: number; bytes: number } => {
    const entry = entries.get(name);
    if (!entry) throw new BadPickle(`Its archive has no ${name}.`);
    return { start: entryStart(handle, size, name, entry), bytes: entry.bytes };
  };
  const { start, bytes } = place(pickle);
  if (bytes > LARGEST_PICKLE) throw new BadPickle(`Its data.pkl has ${bytes} bytes, more than any weights need.`);
  const state = stateOf(readPickle(new ByteRange(handle, start, start + bytes)).value, wanted);
  const starts = new Map<string, number>();
  for (const { storage } of state.tensors.values()) {
    const { key, dtype, count } = storage;
    if (starts.has(key)) continue;
    const found = place(`${root}data/${key}`);
    if (found.bytes !== count * BYTES[dtype])
      throw new BadPickle(`Its storage ${key} has ${found.bytes} bytes in place of ${count * BYTES[dtype]}.`);
    starts.set(key, found.start);
  }
  return {
    state,
    starts,
    bigEndian: byteOrder(handle, entries.has(`${root}byteorder`) ? place(`${root}byteorder`) : null),
  };
}

/** Returns the byte order. Files from before PyTorch 2.1 do not state it; they are little-endian. */
function byteOrder(handle: number, place: { start: number; bytes: number } | null): boolean {
  if (!place) return false;
  const order = readAt(handle, place.start, Math.min(place.bytes, 8)).toString('latin1');
  if (order !== 'little' && order !== 'big')
    throw new BadPickle(`It gives the order of its bytes as ${JSON.stringify(order)}.`);
  return order === 'big';
}

function openLegacy(handle: number, size: number, wanted: string | null): Parts {
  const head = new ByteRange(handle, 0, Math.min(size, LARGEST_PICKLE));
  const { root, keys, bigEndian } = readLegacy(head);
  const state = stateOf(root.value, wanted);
  const starts = legacyStarts(new ByteRange(handle, head.position, size), keys, root.storages);
  for (const [name, { storage }] of state.tensors)
    if (!starts.has(storage.key)) throw new BadPickle(`The storage of ${name} is missing.`);
  return { state, starts, bigEndian };
}

/** Checks a tensor. @throws BadPickle where it reaches beyond its storage, or is larger than it */
function checkBounds(name: string, tensor: Tensor): void {
  const { storage, offset, shape } = tensor;
  const count = sizeOf(shape);
  if (count === 0) return;
  if (
    !Number.isSafeInteger(count) ||
    count > Math.max(storage.count, MOST_REPEATED) ||
    offset + lastElement(tensor) >= storage.count
  )
    throw new BadPickle(`${name} is [${shape.join(', ')}], more than its storage of ${storage.count} elements holds.`);
}
