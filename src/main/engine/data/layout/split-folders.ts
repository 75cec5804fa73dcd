import type { Split } from '../../../../shared/splits';
import { splitOfWord } from '../scan/split-words';

const spelledWordsOf = (name: string): string[] =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .normalize('NFKC')
    .match(/\p{L}+|\d+/gu) ?? [];

const wordsOf = (name: string): string[] => spelledWordsOf(name).map((word) => word.toLowerCase());

/** Returns the split that a folder's whole name means: `train`, `Training Set`, `val2017`, `test_1`. */
export const splitOfFolder = (name: string): Split | null =>
  splitOfWord(name) ??
  splitOfWord(
    wordsOf(name)
      .filter((word) => !/^\d+$/.test(word))
      .join(' '),
  );

/**
 * Returns the split that one word of a name means, and the other words: `chest xray` of `chest_xray_train`. @returns
 * `spelled` as they are written
 */
function splitWithin(name: string): { split: Split; rest: string; spelled: string } | null {
  const words = wordsOf(name);
  const at = words.findIndex((word) => word.length > 2 && splitOfWord(word));
  const split = at < 0 ? null : splitOfWord(words[at] as string);
  const without = (all: string[]): string => all.toSpliced(at, 1).join(' ');
  return split && { split, rest: without(words), spelled: without(spelledWordsOf(name)) };
}

/** Says whether a folder's name contains a word for a split. */
export const hasSplitWord = (name: string): boolean => splitOfFolder(name) !== null || splitWithin(name) !== null;

/**
 * Returns the folders of one place that are named as splits. Words that all of them share, as in `birds_train` and
 * `birds_test`, mean nothing.
 */
export function splitFolders(folders: readonly string[]): Map<string, Split> {
  const found = new Map<string, Split>();
  const within = new Map<string, Map<string, Split>>();
  for (const name of folders) {
    const split = splitOfFolder(name);
    if (split) found.set(name, split);
    const part = splitWithin(name);
    if (!split && part)
      within.set(part.rest, (within.get(part.rest) ?? new Map<string, Split>()).set(name, part.split));
  }
  for (const group of within.values())
    if (new Set(group.values()).size > 1) for (const [name, split] of group) found.set(name, split);
  return found;
}

/**
 * Returns the class of each of these folders where their names hold both, as `cats_train`, `cats_test`, `dogs_train`,
 * `dogs_test` do; else none.
 * @param folders that splitFolders has found
 */
export function classesWithin(folders: Iterable<string>): Map<string, string> {
  const parts = [...folders].map((name) => ({ name, part: splitOfFolder(name) ? null : splitWithin(name) }));
  const rests = new Set(parts.map(({ part }) => part?.rest ?? ''));
  if (rests.size < 2 || rests.has('')) return new Map();
  return new Map(parts.map(({ name, part }) => [name, part?.spelled ?? '']));
}
