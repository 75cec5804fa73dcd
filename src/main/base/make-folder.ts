import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * `mkdir -p`. Node's own recursive mkdirSync never returns where the system says ENOENT of what it is asked to make, as
 * below /proc.
 * @param mode of the folders that are made, as the process's mask leaves it
 * @throws what the system says, with its code
 */
export function makeFolder(path: string, mode = 0o777): void {
  const missing: string[] = [];
  // A drive that isn't there is its own parent.
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, mode);
    } catch (error) {
      // Another process was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
    }
  }
  if (!statSync(path).isDirectory())
    throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), { code: 'ENOTDIR', path });
}
