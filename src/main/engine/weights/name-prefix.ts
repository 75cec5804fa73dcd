/**
 * Finds the prefix under which a file holds a model: DistributedDataParallel writes `module.` before every name,
 * Lightning `model.`, torch.compile `_orig_mod.`, self-supervised methods `encoder.` or `backbone.`, and they nest.
 */
import type { ParamSpec } from '../types';
import type { StoredTensor } from './safetensors';

/** Tensors of a file by name. */
export interface Tensors {
  names: readonly string[];
  shape(name: string): readonly number[];
  read(name: string): Float32Array | Int32Array;
}

/** Returns tensors that are in memory as a file's. */
export const tensorsOf = (stored: Readonly<Record<string, StoredTensor>>): Tensors => ({
  names: Object.keys(stored),
  shape: (name) => (stored[name] as StoredTensor).shape,
  read: (name) => {
    const { data } = stored[name] as StoredTensor;
    return data instanceof BigInt64Array ? Float32Array.from(data, Number) : data;
  },
});

export interface Prefixed {
  /** Tensors without the prefix. */
  tensors: Tensors;
  /** The prefix with its dot; empty: the names are the model's own. */
  prefix: string;
  /** Names of tensors of other parts, outside the prefix. */
  others: string[];
  /** Other prefixes that hold all parameters too; empty means the names without one. */
  rivals: string[];
}

/** Counts how many of the parameters are under each prefix. */
function countsByPrefix(names: readonly string[], params: readonly ParamSpec[]): Map<string, number> {
  const counts = new Map<string, number>();
  const wanted = new Set(params.map(({ name }) => name));
  for (const name of names)
    for (let at = 0; at >= 0; at = nextPart(name, at))
      if (wanted.has(name.slice(at))) counts.set(name.slice(0, at), (counts.get(name.slice(0, at)) ?? 0) + 1);
  return counts;
}

/**
 * Returns the file by the model's own names. A prefix is removed where more than half of the parameters are under it,
 * and more than without one.
 * @param head says whether a parameter is of the classifier, which may be absent
 */
export function withoutPrefix(file: Tensors, params: readonly ParamSpec[], head: (name: string) => boolean): Prefixed {
  const counts = countsByPrefix(file.names, params);
  const [[best, most] = ['', 0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  const prefix = most > (counts.get('') ?? 0) && most > params.length / 2 ? best : '';
  const body = params.filter(({ name }) => !head(name)).length;
  const whole = [...counts].filter(([other, count]) => other !== prefix && count >= body);
  const inside = (name: string): boolean => name.startsWith(prefix);
  return {
    prefix,
    rivals: whole.map(([other]) => other),
    others: file.names.filter((name) => !inside(name)),
    tensors: {
      names: file.names.filter(inside).map((name) => name.slice(prefix.length)),
      shape: (name) => file.shape(prefix + name),
      read: (name) => file.read(prefix + name),
    },
  };
}

/** Returns where the next part of a dotted name begins; -1: there is none. */
function nextPart(name: string, at: number): number {
  const dot = name.indexOf('.', at);
  return dot < 0 ? -1 : dot + 1;
}
