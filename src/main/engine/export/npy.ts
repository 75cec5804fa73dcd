/** Writes NumPy's .npy format, version 1.0, C order, as the rows come. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { sizeOf } from '../size-of';

const DESCRIPTIONS = { float32: '<f4', int32: '<i4', int64: '<i8', uint8: '|u1' } as const;

export type NpyDtype = keyof typeof DESCRIPTIONS;

function header(dtype: NpyDtype, shape: readonly number[]): Buffer {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': (${dims}), }`;
  // Magic, version and length take 10 bytes; the header is padded to a multiple of 64 and ends with a newline.
  const padded = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded, 'latin1')]);
}

export class NpyWriter {
  private readonly handle: number;
  private left: number;

  /** @param shape of the whole array: `close` throws if fewer values were written */
  constructor(
    private readonly path: string,
    dtype: NpyDtype,
    shape: readonly number[],
  ) {
    this.left = sizeOf(shape);
    this.handle = openSync(path, 'w');
    this.put(header(dtype, shape));
  }

  write(values: Float32Array | Int32Array | BigInt64Array | Uint8Array): void {
    this.left -= values.length;
    if (this.left < 0) throw new Error(`${this.path}: more values than its shape holds`);
    this.put(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }

  close(): void {
    closeSync(this.handle);
    if (this.left > 0) throw new Error(`${this.path}: ${this.left} values are missing`);
  }

  private put(bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.handle, bytes, done);
  }
}
