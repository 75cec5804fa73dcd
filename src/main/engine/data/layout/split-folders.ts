import type { Split } from '../../../../shared/splits';
import { splitOfWord } from '../scan/split-words';

const wordsOf = (name: string): string[] =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{L}+|\d+/gu) ?? [];

/** Returns the split that a folder's whole name means: `train`, `Training Set`, `val2017`, `test_1`. */
export const splitOfFolder = (name: string): Split | null =>
  splitOfWord(name) ??
  splitOfWord(
    wordsOf(name)
      .filter((word) => !/^\d+$/.test(word))
      .join(' '),
  );

/** Returns the split that one word of a name means, and the other words: `chest xray` of `chest_xray_train`. */
function splitWithin(name: string): { split: Split; rest: string } | null {
  const words = wordsOf(name);
  const at = words.findIndex((word) => word.length > 2 && splitOfWord(word));
  const split = at < 0 ? null : splitOfWord(words[at] as string);
  return split && { split, rest: words.toSpliced(at, 1).join(' ') };
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
