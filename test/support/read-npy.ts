import { readFileSync } from 'node:fs';

export interface NpyArray {
  shape: number[];
  values: number[];
}

/** Reads a .npy file of version 1.0 with float32 or int64 values. */
export function readNpy(path: string): NpyArray {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((part) => part.trim());
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const values = header.includes('<i8')
    ? Array.from(new BigInt64Array(data), Number)
    : Array.from(new Float32Array(data));
  return { shape: shape.map(Number), values };
}
