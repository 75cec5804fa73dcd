/** Makes files as torch.save does, byte by byte, for tests of files that PyTorch itself would not write. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { StoredTensor } from '../../src/main/engine/weights/safetensors';

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export interface ArchiveChanges {
  /** Names of entries that are deflated. */
  deflated?: readonly string[];
  /** False lengths to list instead of the true ones, by name. */
  lengths?: Readonly<Record<string, number>>;
}

/** Makes a ZIP archive; entries are stored without compression. */
export function archiveOf(
  entries: readonly (readonly [string, Buffer])[],
  { deflated = [], lengths = {} }: ArchiveChanges = {},
): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let position = 0;
  for (const [name, content] of entries) {
    const method = deflated.includes(name) ? 8 : 0;
    const packed = method ? deflateRawSync(content) : content;
    const length = lengths[name] ?? content.length;
    const sizes = [u32(crc32(content)), u32(method ? packed.length : length), u32(length)];
    const common = [u16(method), u16(0), u16(0), ...sizes, u16(name.length), u16(0)];
    const local = Buffer.concat([u32(0x04034b50), u16(20), u16(0), ...common, Buffer.from(name), packed]);
    list.push(
      Buffer.concat([u32(0x02014b50), u16(20), u16(20), u16(0), ...common]),
      Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(position), Buffer.from(name)]),
    );
    parts.push(local);
    position += local.length;
  }
  const listing = Buffer.concat(list);
  const counts = [u16(entries.length), u16(entries.length), u32(listing.length), u32(position), u16(0)];
  return Buffer.concat([...parts, listing, u32(0x06054b50), u16(0), u16(0), ...counts]);
}

// --- pickles, protocol 2 ---

export const PROTOCOL = Buffer.from([0x80, 2]);
export const STOP = Buffer.from('.');
export const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)]);
export const int = (value: number): Buffer => Buffer.concat([Buffer.from('J'), u32(value)]);
export const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
export const tuple = (...items: Buffer[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
export const reduce = (callee: Buffer, ...args: Buffer[]): Buffer =>
  Buffer.concat([callee, tuple(...args), Buffer.from('R')]);
export const dict = (...pairs: [Buffer, Buffer][]): Buffer =>
  Buffer.concat([Buffer.from('}('), ...pairs.flat(), Buffer.from('u')]);
export const pickleOf = (...parts: Buffer[]): Buffer => Buffer.concat([PROTOCOL, ...parts, STOP]);

export interface TensorBytes {
  key: string;
  /** Number of elements of its storage. */
  count: number;
  shape: readonly number[];
  stride?: readonly number[];
  offset?: number;
  type?: string;
}

export function tensor({ key, count, shape, stride, offset = 0, type = 'FloatStorage' }: TensorBytes): Buffer {
  const rows = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const id = tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(count));
  const storage = Buffer.concat([id, Buffer.from('Q')]);
  const numbers = (values: readonly number[]): Buffer => tuple(...values.map(int));
  return reduce(
    global('torch._utils', '_rebuild_tensor_v2'),
    ...[storage, int(offset), numbers(shape), numbers(stride ?? rows), Buffer.from([0x89])],
    reduce(global('collections', 'OrderedDict')),
  );
}

/** Makes a state_dict of float32 tensors, under a key where there is one. Counters are left out. */
export function pytorchFile(state: Readonly<Record<string, StoredTensor>>, key: string | null): Buffer {
  const named = Object.entries(state).filter(([, { data }]) => data instanceof Float32Array);
  const tensors = named.map(([name, { shape, data }], at): [Buffer, Buffer] => [
    text(name),
    tensor({ key: String(at), count: data.length, shape }),
  ]);
  const root = key === null ? dict(...tensors) : dict([text(key), dict(...tensors)], [text('epoch'), int(3)]);
  return archiveOf([
    ['archive/data.pkl', pickleOf(root)],
    ['archive/byteorder', Buffer.from('little')],
    ...named.map(
      ([, { data }], at) => [`archive/data/${at}`, Buffer.from(data.buffer, data.byteOffset, data.byteLength)] as const,
    ),
  ]);
}
