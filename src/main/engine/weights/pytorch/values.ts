/** Values that a pickle of weights can hold. Objects of programs are not created: an `Inert` keeps only their name. */
import type { StoredDtype } from '../dtypes';

export interface Tuple {
  kind: 'tuple';
  items: Value[];
}

export interface List {
  kind: 'list';
  items: Value[];
}

export interface Dict {
  kind: 'dict';
  pairs: [Value, Value][];
}

/** The name of a function or class, as `module.name`; it is never resolved. */
export interface Named {
  kind: 'named';
  name: string;
}

/** An object of a harmless kind whose content is not used here. */
export interface Inert {
  kind: 'inert';
  name: string;
}

/** A sequence of numbers in the file; tensors are views of it. */
export interface Storage {
  kind: 'storage';
  dtype: StoredDtype;
  key: string;
  /** Number of elements of the whole storage, and the first element of this one. */
  count: number;
  first: number;
}

export interface Tensor {
  kind: 'tensor';
  storage: Storage;
  /** Offset in elements, counted in the whole storage. */
  offset: number;
  shape: readonly number[];
  stride: readonly number[];
}

export type Value =
  null | boolean | number | bigint | string | Buffer | Tuple | List | Dict | Named | Inert | Storage | Tensor;

/** Describes a value for a sentence. */
export function described(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'a truth value';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (typeof value === 'string') return 'a text';
  if (Buffer.isBuffer(value)) return 'bytes';
  switch (value.kind) {
    case 'named':
    case 'inert':
      return value.name;
    default:
      return `a ${value.kind}`;
  }
}

export const isTensor = (value: Value): value is Tensor => isOf(value, 'tensor');
export const isDict = (value: Value): value is Dict => isOf(value, 'dict');

/** Says whether a value is of one of the kinds above. */
export function isOf<Kind extends string>(
  value: Value | undefined,
  kind: Kind,
): value is Extract<Value, { kind: Kind }> {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) && value.kind === kind;
}
