import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { byCodePoint } from '../../../../shared/code-points';
import type { Candidate, DatasetFormat, Split } from '../scan/entries';
import { ignoredReason } from '../scan/entries';
import { walkFolder } from '../scan/walk-folder';

const SPLITS = new Map<string, Split>([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

function subFolders(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !ignoredReason(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory())
    .sort(byCodePoint);
}

/**
 * Whether the folders are splits: all of them, or `train` beside `val` or `test`; what is beside those is then no class. A folder `train`
 * among others is a class of railways.
 */
function areSplits(folders: readonly string[]): boolean {
  const splits = folders.flatMap((name) => SPLITS.get(name.toLowerCase()) ?? []);
  if (splits.length === folders.length) return folders.length > 0;
  return splits.includes('train') && new Set(splits).size > 1;
}

/** A folder of class folders, or of split folders of class folders. Images in a class's sub-folders belong to the class. */
export const format: DatasetFormat = {
  id: 'class-folders',
  matches: (_, isFolder) => isFolder,
  root: (source) => source,
  *walk(source, report): Generator<Candidate> {
    const split = areSplits(subFolders(source));
    const depth = split ? 2 : 1;
    for (const path of walkFolder(source, source, report)) {
      const parts = path.split(sep);
      const className = parts[depth - 1];
      if (parts.length <= depth || className === undefined) {
        report({ kind: 'ignored', path, reason: 'It is in no class folder.' });
        continue;
      }
      const own = split ? SPLITS.get((parts[0] as string).toLowerCase()) : null;
      if (own === undefined) report({ kind: 'ignored', path, reason: 'It is in none of the folders train, val and test.' });
      else yield { path, className, split: own };
    }
  },
};
