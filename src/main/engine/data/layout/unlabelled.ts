/**
 * Layout of images without classes: which of the folders that hold them are splits. The names of all other folders mean
 * nothing.
 */
import { join } from 'node:path';
import type { LayoutFacts } from '../../../../shared/contract/layout';
import type { Split } from '../../../../shared/splits';
import { areSplitsInside } from './layout';
import { lookInto, unwrap } from './look';
import { hasSplitWord, splitFolders, splitOfFolder } from './split-folders';

export interface UnlabelledLayout {
  /** Folders between the source and its splits, as parts of a path. */
  base: readonly string[];
  /** Folder of a split -> split. */
  splits: ReadonlyMap<string, Split>;
  /** Whether each folder holds splits of its own: `cats/train`, `dogs/train`. */
  within: boolean;
}

export function unlabelledLayout(source: string): UnlabelledLayout {
  const base = unwrap(source, hasSplitWord);
  const at = join(source, ...base);
  const { folders } = lookInto(at, Infinity);
  const splits = splitFolders(folders);
  return { base, splits, within: splits.size === 0 && areSplitsInside(at, folders) };
}

/**
 * Returns the split of an image. @param parts of its path below the source @returns null: it is in no split's folder
 */
export function splitOfImage({ base, splits, within }: UnlabelledLayout, parts: readonly string[]): Split | null {
  if (base.some((name, depth) => parts[depth] !== name)) return null;
  const [first = '', second = ''] = parts.slice(base.length, -1);
  return within ? splitOfFolder(second) : (splits.get(first) ?? null);
}

export function unlabelledFacts({ base, splits, within }: UnlabelledLayout): LayoutFacts {
  return { base: base.join('/'), splits: [...splits].map(([folder, split]) => ({ folder, split })), within };
}
