/**
 * What a pickle of weights can hold. Objects of programs are not made: an `Inert` keeps their name and nothing else.
 */
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

/** The name of a function or class, as `module.name`; it is never looked up. */
export interface Named {
  kind: 'named';
  name: string;
}

/** An object whose kind is harmless and whose content is of no use here. */
export interface Inert {
  kind: 'inert';
  name: string;
}

/** A run of numbers in the file that tensors are views of. */
export interface Storage {
  kind: 'storage';
  dtype: StoredDtype;
  key: string;
  /** Elements of the storage as a whole, and the first of those that this one is about. */
  count: number;
  first: number;
}

export interface Tensor {
  kind: 'tensor';
  storage: Storage;
  /** In elements, counted in the storage as a whole. */
  offset: number;
  shape: readonly number[];
  stride: readonly number[];
}

export type Value =
  null | boolean | number | bigint | string | Buffer | Tuple | List | Dict | Named | Inert | Storage | Tensor;

/** What a value is, in a sentence. */
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

/** Whether a value is of one of the kinds above. */
export function isOf<Kind extends string>(
  value: Value | undefined,
  kind: Kind,
): value is Extract<Value, { kind: Kind }> {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) && value.kind === kind;
}
