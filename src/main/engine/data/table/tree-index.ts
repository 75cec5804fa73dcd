/** Index of every file below a folder by the end of its path. */
import { join } from 'node:path';
import { folderEntries } from '../scan/folder-entries';
import { add, folded, hasImageEnding, stemOf } from './folder-names';

/** Number of files that are indexed at most. */
const MOST_FILES = 2_000_000;

export class TreeIndex {
  private readonly names = new Map<string, string[]>();
  private readonly stems = new Map<string, string[]>();
  private files = 0;

  constructor(root: string) {
    const waiting = [''];
    for (let folder = waiting.pop(); folder !== undefined && this.files < MOST_FILES; folder = waiting.pop())
      for (const entry of folderEntries(join(root, folder), unlessRefused)) {
        const path = folder ? `${folder}/${entry.name}` : entry.name;
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory()) waiting.push(path);
        else this.add(path, entry.name);
      }
  }

  private add(path: string, name: string): void {
    this.files++;
    add(this.names, folded(name), path);
    if (hasImageEnding(name)) add(this.stems, folded(stemOf(name)), path);
  }

  /**
   * Returns the files whose path ends this way; where several differ only in case or form from it, those that do not
   * differ.
   */
  endingWith(parts: readonly string[]): string[] {
    const name = folded(parts.at(-1) ?? '');
    const tail = parts.join('/');
    const byName = pick(this.names.get(name), tail, folded, (path) => path);
    if (byName.length) {
      const same = pick(
        byName,
        tail,
        (text) => text,
        (path) => path,
      );
      return same.length ? same : byName;
    }
    return pick(this.stems.get(name), tail, folded, stemOf);
  }
}

function pick(
  paths: readonly string[] | undefined,
  tail: string,
  key: (text: string) => string,
  own: (path: string) => string,
): string[] {
  const wanted = key(tail);
  return (paths ?? []).filter((path) => {
    const text = key(own(path));
    return text === wanted || text.endsWith(`/${wanted}`);
  });
}

/** Ignores a folder without permission, which holds nothing readable. */
function unlessRefused(error: unknown): void {
  if (!['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
