/** Converts numbers of weights files, which are little-endian. */

export type StoredDtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

export const BYTES: Record<StoredDtype, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Returns stored numbers as float32, and I32 unchanged. @param bytes a whole number of elements */
export function toArray(dtype: StoredDtype, bytes: Buffer): Float32Array | Int32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(view);
    case 'I32':
      return new Int32Array(view);
    case 'F64':
      return Float32Array.from(new Float64Array(view));
    case 'I64':
      return Float32Array.from(new BigInt64Array(view), Number);
    case 'I16':
      return Float32Array.from(new Int16Array(view));
    case 'I8':
      return Float32Array.from(new Int8Array(view));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(view));
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(view), (half) => half << 16).buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(view), fromHalf);
  }
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
