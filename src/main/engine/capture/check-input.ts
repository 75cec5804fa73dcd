import type { HostArray, TensorInfo } from '../types';
import { sizeOf } from '../size-of';

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const;

/** Checks what a session is fed, because the session does not: it would misread a wrong length or type. */
export function checkInput(
  signature: string,
  key: string,
  { shape, dtype }: TensorInfo,
  values: HostArray | undefined,
): HostArray {
  if (!values) throw new Error(`${signature}: input ${key} is missing`);
  if (!(values instanceof ARRAYS[dtype]))
    throw new Error(`${signature}: input ${key} is ${values.constructor.name}, it has to be ${ARRAYS[dtype].name}`);
  const length = sizeOf(shape);
  if (values.length !== length)
    throw new Error(`${signature}: input ${key} has ${values.length} values, [${shape.join(', ')}] needs ${length}`);
  return values;
}
