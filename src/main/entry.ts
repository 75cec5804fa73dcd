import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';

export type Entry = 'cli' | 'trainer' | 'loader-worker' | 'store-writer' | 'export-check' | 'job' | 'pictures';

/** The repository's or the installed application's top folder. */
export function appRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** File of a built process or thread entry; the same from the bundle and from tests, which build it first. */
export const entryPath = (name: Entry): string => join(appRoot(), 'out', 'main', `${name}.js`);
