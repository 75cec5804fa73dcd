import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders of CUDA's libraries in an engine, as the wheels lay them out (`nvidia/<part>/lib`); none in one for the
 * processor.
 */
export function cudaFolders(engine: string): string[] {
  const nvidia = join(engine, 'nvidia');
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .sort()
    .map((part) => join(nvidia, part, 'lib'))
    .filter((folder) => existsSync(folder));
}
