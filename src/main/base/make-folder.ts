import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder as `mkdir -p` does. Node's own recursive mkdirSync never returns where the system answers ENOENT for
 * the new folder, as below /proc.
 * @param mode of the folders that are made, as the process's mask leaves it
 * @throws the system's error, with its code
 */
export function makeFolder(path: string, mode = 0o777): void {
  const missing: string[] = [];
  // A drive that isn't there is its own parent.
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, mode);
    } catch (error) {
      // Another process has made it first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
    }
  }
  if (!statSync(path).isDirectory())
    throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), { code: 'ENOTDIR', path });
}
