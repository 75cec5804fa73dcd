/**
 * Names that a model's authors give its parameters where timm's differ: every file of official-names/ contributes those
 * of a family. Detection and segmentation toolboxes are written for the authors' names, and released weights have them.
 */
import { isHead } from '../models/is-head';
import type { ParamSpec } from '../types';
import { withoutPrefix, type Prefixed, type Tensors } from './name-prefix';
import type { StoredTensor } from './safetensors';

export interface OfficialNames {
  /** `ModelEntry.family` of the models with these names. */
  family: string;
  /** The repository whose code has these names. */
  source: string;
  /** Returns the authors' name for timm's name of a parameter; no two have the same. */
  official: (name: string) => string;
  /** Tensors of files that are no parameters and are recomputed; they have the same endings under either names. */
  buffers?: RegExp;
}

const files = import.meta.glob<{ names: OfficialNames }>('./official-names/*.ts', { eager: true });

function collect(): Map<string, OfficialNames> {
  const found = new Map<string, OfficialNames>();
  for (const { names } of Object.values(files)) {
    if (found.has(names.family)) throw new Error(`two files have official names for ${names.family}`);
    found.set(names.family, names);
  }
  return found;
}

const FAMILIES = collect();

/** Returns null where a family has timm's names only. */
export const officialNamesOf = (family: string): OfficialNames | null => FAMILIES.get(family) ?? null;

export interface NamedTensors extends Prefixed {
  /** Repository whose names they were; null: timm's. */
  source: string | null;
}

/** Files of older versions of timm have the authors' buffers too. */
const withoutBuffers = (file: Tensors, buffers: RegExp | undefined): Tensors =>
  buffers
    ? {
        names: file.names.filter((name) => !buffers.test(name)),
        shape: (name) => file.shape(name),
        read: (name) => file.read(name),
      }
    : file;

/**
 * Returns the tensors of a file by timm's names, without a prefix. A file counts as having the authors' names where
 * more of the parameters are found by those than by timm's.
 */
export function byTimmNames(family: string, params: readonly ParamSpec[], file: Tensors): NamedTensors {
  const names = officialNamesOf(family);
  const own = withoutPrefix(withoutBuffers(file, names?.buffers), params, isHead);
  if (!names) return { ...own, source: null };
  const back = new Map(params.map(({ name }): [string, string] => [names.official(name), name]));
  const renamed = params.map((param) => ({ ...param, name: names.official(param.name) }));
  const theirs = withoutPrefix(withoutBuffers(file, names.buffers), renamed, (name) => isHead(back.get(name) ?? name));
  const count = (tensors: Tensors, wanted: readonly ParamSpec[]): number => {
    const present = new Set(tensors.names);
    return wanted.filter(({ name }) => present.has(name)).length;
  };
  if (count(theirs.tensors, renamed) <= count(own.tensors, params)) return { ...own, source: null };
  const stored = new Map(theirs.tensors.names.map((name): [string, string] => [back.get(name) ?? name, name]));
  const fileName = (name: string): string => stored.get(name) ?? name;
  return {
    ...theirs,
    source: names.source,
    tensors: {
      names: [...stored.keys()],
      shape: (name) => theirs.tensors.shape(fileName(name)),
      read: (name) => theirs.tensors.read(fileName(name)),
    },
  };
}

/** Renames a state from timm's names to the authors'. */
export const officialState = (
  { official }: OfficialNames,
  state: Readonly<Record<string, StoredTensor>>,
): Record<string, StoredTensor> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [official(name), value]));
