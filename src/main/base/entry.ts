import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';

export type Entry =
  | 'cli'
  | 'trainer'
  | 'searcher'
  | 'studier'
  | 'loader-worker'
  | 'scan-reader'
  | 'near-worker'
  | 'store-writer'
  | 'export-check'
  | 'job'
  | 'pictures';

/**
 * Returns the repository's top folder, or in a package its archive, which only Electron's own processes can read.
 * @param from a folder of the program @throws Error where the program was removed while it runs
 */
export function packedRoot(from = dirname(fileURLToPath(import.meta.url))): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder)
      throw new Error(`the program's files are gone from ${from}: install it again and restart it`);
    folder = dirname(folder);
  }
  return folder;
}

/**
 * Returns the folder that a package keeps beside its archive as real files, because processes of plain Node run and
 * read it.
 */
export const unpacked = (folder: string): string => folder.replace(/app\.asar$/, 'app.asar.unpacked');

/** Returns the top folder that every process can read. */
export const appRoot = (): string => unpacked(packedRoot());

/**
 * Returns the file of a built process or thread entry. It is the same from the bundle and from tests, which build it
 * first.
 */
export const entryPath = (name: Entry): string => join(appRoot(), 'out', 'main', `${name}.js`);
