import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SafetensorsFile, writeSafetensors } from '../../../src/main/engine/weights/safetensors';
import type { AppError } from '../../../src/shared/errors';
import expected from '../../golden/weights/expected.json';
import { refusalOf } from '../../support/refusal';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
const golden = join(import.meta.dirname, '../../golden/weights');

/** Writes a file of these parts, as if by hand. */
function fileOf(header: string | Buffer, data: Buffer = Buffer.alloc(0), length = Buffer.byteLength(header)): string {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  const path = join(folder, `${Math.random()}.safetensors`);
  writeFileSync(path, Buffer.concat([prefix, Buffer.from(header), data]));
  return path;
}

const refusal = (path: string): AppError => refusalOf(() => new SafetensorsFile(path));

describe('reading what the safetensors package wrote', () => {
  const file = new SafetensorsFile(join(golden, 'dtypes.safetensors'));

  it('has the names, shapes and metadata', () => {
    expect(file.names.sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { shape }] of Object.entries(expected)) expect(file.shape(name)).toEqual(shape);
    expect(file.metadata).toEqual({ format: 'pt', note: 'every stored type' });
  });

  it.each(Object.entries(expected))('reads %s', (name, { values }) => {
    const wanted = values.map(
      (text) => ({ True: 1, False: 0, inf: Infinity, '-inf': -Infinity, nan: NaN })[text] ?? Number(text),
    );
    expect(Array.from(file.read(name))).toEqual(file.dtype(name) === 'I32' ? wanted : wanted.map(Math.fround));
  });

  it('names a tensor that is not there', () => {
    expect(() => file.read('nothing')).toThrow(/can't be read/);
  });
});

describe('writing', () => {
  const tensors = {
    zeta: { shape: [3], data: Float32Array.of(1.5, -0, 3e38) },
    count: { shape: [], data: BigInt64Array.of(-9007199254740993n) },
    whole: { shape: [2, 1], data: Int32Array.of(-5, 2147483647) },
    alpha: { shape: [0, 4], data: new Float32Array(0) },
    view: { shape: [2], data: Float32Array.of(9, 1, 2, 9).subarray(1, 3) },
  };
  const path = join(folder, 'written.safetensors');
  const written = writeSafetensors(path, tensors, { format: 'pt', name: 'é' });

  it('comes back bit for bit', () => {
    const file = new SafetensorsFile(path);
    expect(file.metadata).toEqual({ format: 'pt', name: 'é' });
    expect(file.read('zeta')).toEqual(tensors.zeta.data);
    expect(Object.is(file.read('zeta')[1], -0)).toBe(true);
    expect(file.read('whole')).toEqual(tensors.whole.data);
    expect(file.read('view')).toEqual(Float32Array.of(1, 2));
    expect(file.read('alpha')).toHaveLength(0);
    expect(file.dtype('count')).toBe('I64');
    expect(file.shape('count')).toEqual([]);
  });

  it('says size and checksum of the file as it is on disk', () => {
    const bytes = readFileSync(path);
    expect(written).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  });

  it('aligns the data and every tensor in it, whatever the order they came in', () => {
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
      string,
      { dtype: string; data_offsets: [number, number] }
    >;
    for (const [name, { dtype, data_offsets }] of Object.entries(header))
      if (name !== '__metadata__') expect(data_offsets[0] % (dtype === 'I64' ? 8 : 4), name).toBe(0);
    const reversed = join(folder, 'reversed.safetensors');
    writeSafetensors(reversed, Object.fromEntries(Object.entries(tensors).reverse()), { format: 'pt', name: 'é' });
    expect(readFileSync(reversed)).toEqual(bytes);
  });

  it('refuses values that do not fill their shape, and the reserved name, before it opens a file', () => {
    const target = join(folder, 'never.safetensors');
    expect(() => writeSafetensors(target, { a: { shape: [2, 2], data: new Float32Array(3) } }, {})).toThrow(
      'a has 3 values, [2, 2] needs 4',
    );
    expect(() => writeSafetensors(target, { __metadata__: { shape: [1], data: new Float32Array(1) } }, {})).toThrow(
      'may not be called',
    );
    expect(existsSync(target)).toBe(false);
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', () => {
    expect(() => writeSafetensors('/dev/full', tensors, {})).toThrow(
      expect.objectContaining({ code: 'disk_full' }) as Error,
    );
  });
});

describe('files that are not whole or lie', () => {
  const f32 = (shape: number[], from: number, to: number): object => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });
  const broken: [string, () => string, RegExp][] = [
    [
      'an empty file',
      () => {
        const path = join(folder, 'empty');
        writeFileSync(path, '');
        return path;
      },
      /no bytes/,
    ],
    [
      'seven bytes',
      () => {
        const path = join(folder, 'seven');
        writeFileSync(path, Buffer.alloc(7));
        return path;
      },
      /header/,
    ],
    [
      'a text',
      () => {
        const path = join(folder, 'text');
        writeFileSync(path, 'this is no weights file at all');
        return path;
      },
      /header/,
    ],
    ['a header longer than the file', () => fileOf('{}', undefined, 1000), /header/],
    ['a header that is too large to be meant', () => fileOf('{}', undefined, 2 ** 40), /header/],
    ['a header that is not JSON', () => fileOf('{"a": '), /not JSON/],
    ['a header that is a list', () => fileOf('[1, 2]'), /not an object/],
    ['a header that is null', () => fileOf('null'), /not an object/],
    ['metadata that is a list', () => fileOf('{"__metadata__": [1]}'), /__metadata__/],
    ['metadata with a number in it', () => fileOf('{"__metadata__": {"a": 1}}'), /__metadata__/],
    ['an entry that is null', () => fileOf('{"a": null}'), /entry of a/],
    ['an entry without offsets', () => fileOf('{"a": {"dtype": "F32", "shape": [1]}}', Buffer.alloc(4)), /entry of a/],
    [
      'three offsets',
      () => fileOf('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 4]}}', Buffer.alloc(4)),
      /entry of a/,
    ],
    ['a negative shape', () => fileOf(JSON.stringify({ a: f32([-1, -1], 0, 4) }), Buffer.alloc(4)), /entry of a/],
    ['a fractional shape', () => fileOf(JSON.stringify({ a: f32([0.5, 2], 0, 4) }), Buffer.alloc(4)), /entry of a/],
    [
      'a shape beyond any memory',
      () => fileOf(JSON.stringify({ a: f32([2 ** 40, 2 ** 40], 0, 4) }), Buffer.alloc(4)),
      /entry of a/,
    ],
    [
      'an unknown dtype',
      () => fileOf('{"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}', Buffer.alloc(4)),
      /F8_E4M3/,
    ],
    [
      'a dtype that every object has',
      () => fileOf('{"a": {"dtype": "constructor", "shape": [4], "data_offsets": [0, 4]}}', Buffer.alloc(4)),
      /constructor/,
    ],
    [
      "a size that is not the shape's",
      () => fileOf(JSON.stringify({ a: f32([2], 0, 4) }), Buffer.alloc(4)),
      /place of a/,
    ],
    [
      'tensors that overlap',
      () => fileOf(JSON.stringify({ a: f32([2], 0, 8), b: f32([1], 4, 8) }), Buffer.alloc(8)),
      /place of b/,
    ],
    [
      'two tensors in one place',
      () => fileOf(JSON.stringify({ a: f32([1], 0, 4), b: f32([1], 0, 4) }), Buffer.alloc(8)),
      /place of b/,
    ],
    ['a gap', () => fileOf(JSON.stringify({ a: f32([1], 0, 4), b: f32([1], 8, 12) }), Buffer.alloc(12)), /place of b/],
    ['a tensor past the end', () => fileOf(JSON.stringify({ a: f32([4], 0, 16) }), Buffer.alloc(8)), /place of a/],
    ['bytes that no tensor owns', () => fileOf(JSON.stringify({ a: f32([1], 0, 4) }), Buffer.alloc(6)), /6 bytes/],
  ];

  it.each(broken)('%s', (_, make, why) => {
    const error = refusal(make());
    expect(error.code).toBe('weights_mismatch');
    expect(error.why).toMatch(why);
  });

  it('a good file cut anywhere', () => {
    const whole = readFileSync(join(golden, 'dtypes.safetensors'));
    for (let length = 0; length < whole.length; length += 37) {
      const path = join(folder, 'cut');
      writeFileSync(path, whole.subarray(0, length));
      expect(refusal(path).code).toBe('weights_mismatch');
    }
  });

  it('a tensor called __proto__ is a tensor', () => {
    const file = new SafetensorsFile(
      fileOf(
        '{"__proto__": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
        Buffer.from(Float32Array.of(2.5).buffer),
      ),
    );
    expect(file.names).toEqual(['__proto__']);
    expect(file.read('__proto__')).toEqual(Float32Array.of(2.5));
  });
});
