import type { Split } from '../../../../shared/splits';
import { splitOfWord } from '../scan/split-words';

const wordsOf = (name: string): string[] =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{L}+|\d+/gu) ?? [];

/** The split that a folder's name says as a whole: `train`, `Training Set`, `val2017`, `test_1`. */
export const splitOfFolder = (name: string): Split | null =>
  splitOfWord(name) ??
  splitOfWord(
    wordsOf(name)
      .filter((word) => !/^\d+$/.test(word))
      .join(' '),
  );

/** The split that is one word among others, and what the others are: `chest xray` of `chest_xray_train`. */
function splitWithin(name: string): { split: Split; rest: string } | null {
  const words = wordsOf(name);
  const at = words.findIndex((word) => word.length > 2 && splitOfWord(word));
  const split = at < 0 ? null : splitOfWord(words[at] as string);
  return split && { split, rest: words.toSpliced(at, 1).join(' ') };
}

/** Whether a split's word is anywhere in a folder's name. */
export const hasSplitWord = (name: string): boolean => splitOfFolder(name) !== null || splitWithin(name) !== null;

/**
 * Which folders of one place are named as splits; words that all of them share, as in `birds_train` and `birds_test`,
 * say nothing.
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
