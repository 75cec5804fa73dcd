/**
 * Finds the layout of a folder of images: where its classes and its splits are, and where two readings are possible.
 */
import { join } from 'node:path';
import type { LayoutReading } from '../../../../shared/contract/layout';
import type { Split } from '../../../../shared/splits';
import { hasOwnImages, holdsImages, lookInto, unwrap } from './look';
import { classesWithin, hasSplitWord, splitFolders, splitOfFolder } from './split-folders';

export interface Layout {
  reading: LayoutReading;
  /** Folders between the source and the read folder, as parts of a path. */
  base: readonly string[];
  /**
   * Maps the folder of a split to the split, and to the folders between it and its classes. A split of null is drawn;
   * then the folder is a part of the data that no word names. A folder with a class holds the images of that class
   * itself: `cats_train`.
   */
  splits: ReadonlyMap<string, { split: Split | null; inner: readonly string[]; className?: string }>;
  /** Folders beside the splits that are classes of the training images: `cats` and `dogs` beside `test`. */
  besides: ReadonlySet<string>;
  /** Whether the splits are inside the classes: `cats/train`, `cats/test`. */
  within: boolean;
}

export interface Doubt {
  kind: 'same_folders' | 'split_beside_classes' | 'split_and_class';
  /** Folders that raise the question. */
  folders: string[];
  /** Sub-folders that all of them hold. */
  shared: string[];
}

/** Number of folders inspected: of thousands of classes, the first are enough. */
const LOOKED_INTO = 300;

const NO_SPLITS = { splits: new Map<string, never>(), besides: new Set<string>(), within: false };

const key = (name: string): string => name.normalize('NFC').toLowerCase();

interface Inside {
  /** Sub-folders that all of the folders hold. */
  shared: string[];
  /** Whether the sub-folders of most of them are splits. */
  areSplits: boolean;
}

/** Returns what the folders hold alike, where their images are in sub-folders; null where they are simply classes. */
function insideOf(at: string, folders: readonly string[]): Inside | null {
  if (folders.length < 2) return null;
  const looked = folders.slice(0, LOOKED_INTO).map((name) => join(at, name));
  if (looked.every(hasOwnImages)) return null;
  const looks = looked.map((folder) => lookInto(folder));
  const withSplits = looks.filter((look) => look.folders.some(splitOfFolder));
  const splits = new Set(
    withSplits.flatMap((look) => look.folders.map(splitOfFolder)).filter((split) => split !== null),
  );
  const areSplits = splits.size > 1 && 2 * withSplits.length >= looks.length;
  const sets = looks.map((look) => new Map(look.folders.map((name) => [key(name), name])));
  const [first = new Map<string, string>()] = sets;
  const shared = [...first].filter(([name]) => sets.every((set) => set.has(name))).map(([, name]) => name);
  const isAlike = shared.length > 1 && 2 * shared.length >= Math.min(...sets.map(({ size }) => size));
  return areSplits || isAlike ? { shared, areSplits } : null;
}

/**
 * Returns the folders between each split and its classes, as in `seg_train/seg_train/forest`; none where one of the
 * splits directly holds its classes.
 */
function innerFolders(at: string, names: readonly string[]): Map<string, string[]> {
  const ways = new Map(names.map((name) => [name, unwrap(join(at, name), () => false)]));
  const isShallow = [...ways].some(([name, way]) => !way.length && lookInto(join(at, name)).folders.length > 0);
  return isShallow ? new Map() : ways;
}

/** Returns the classes that the names of splits hold too, where each folder holds images and no classes. */
const joinedClasses = (at: string, named: ReadonlyMap<string, Split>): Map<string, string> =>
  [...named.keys()].every((name) => hasOwnImages(join(at, name))) ? classesWithin(named.keys()) : new Map();

function asSplits(at: string, base: readonly string[], folders: readonly string[]): Layout {
  const named = splitFolders(folders);
  if (!named.size && areSplitsInside(at, folders)) return { reading: 'splits', base, ...NO_SPLITS, within: true };
  const known = named.size ? [...named] : folders.map((name): [string, Split | null] => [name, null]);
  const hasTrain = !named.size || [...named.values()].includes('train');
  const besides = hasTrain ? [] : folders.filter((name) => !named.has(name) && hasOwnImages(join(at, name)));
  const inner = innerFolders(
    at,
    known.map(([name]) => name),
  );
  const joined = joinedClasses(at, named);
  const splits = new Map(
    known.map(([name, split]) => {
      const className = joined.get(name);
      return [name, { split, inner: inner.get(name) ?? [], ...(className === undefined ? {} : { className }) }];
    }),
  );
  return { reading: 'splits', base, splits, besides: new Set(besides), within: false };
}

/** Says whether most of the folders hold folders that are named as splits: `cats/train`, `dogs/train`. */
export const areSplitsInside = (at: string, folders: readonly string[]): boolean =>
  insideOf(at, folders)?.areSplits === true;

/**
 * Says whether one of the folders could be a split although the others are classes, or all of them although no word
 * says so.
 */
function doubtOf(at: string, folders: readonly string[]): Doubt | null {
  const named = splitFolders(folders);
  const others = folders.filter((name) => !named.has(name));
  const beside = (found: readonly string[]): Doubt => ({
    kind: 'split_beside_classes',
    folders: [...found],
    shared: [],
  });
  const isClass = (name: string): boolean => hasOwnImages(join(at, name));
  if (!others.length)
    return joinedClasses(at, named).size ? { kind: 'split_and_class', folders: [...folders], shared: [] } : null;
  if (!named.size) {
    const inside = insideOf(at, folders);
    if (inside) return { kind: 'same_folders', folders: [...folders], shared: inside.shared };
    // Such a word is part of many a class's name (`bullet train`). A class directly holds its images, a split holds
    // folders.
    const odd = others.filter((name) => hasSplitWord(name) && !isClass(name) && holdsImages(join(at, name)));
    return odd.length ? beside(odd) : null;
  }
  const looked = others.slice(0, LOOKED_INTO);
  const isClear = new Set(named.values()).size > 1 && [...named.values()].includes('train');
  return looked.some((name) => isClass(name) || (!isClear && holdsImages(join(at, name))))
    ? beside([...named.keys()])
    : null;
}

/**
 * Returns how a source is read, and why it could be read in another way. @param wanted a person's choice, which leaves
 * no doubt
 */
export function layoutOf(source: string, wanted?: LayoutReading): { layout: Layout; doubt: Doubt | null } {
  const base = unwrap(source, hasSplitWord);
  const at = join(source, ...base);
  const { folders } = lookInto(at, Infinity);
  const isSplit = wanted ? wanted === 'splits' : splitFolders(folders).size > 0;
  const layout: Layout = isSplit ? asSplits(at, base, folders) : { reading: 'classes', base, ...NO_SPLITS };
  return { layout, doubt: wanted ? null : doubtOf(at, folders) };
}
