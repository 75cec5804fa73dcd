import type { StateValues } from '../types';

export const stateEntries = (values: StateValues): Iterable<readonly [string, Float32Array | Int32Array]> =>
  Symbol.iterator in values
    ? (values as Exclude<StateValues, Readonly<Record<string, unknown>>>)
    : Object.entries(values);
