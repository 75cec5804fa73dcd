import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the folders of CUDA's libraries in an engine, as the wheels lay them out (`nvidia/<part>/lib`). An engine for
 * the processor has none.
 */
export function cudaFolders(engine: string): string[] {
  const nvidia = join(engine, 'nvidia');
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .sort()
    .map((part) => join(nvidia, part, 'lib'))
    .filter((folder) => existsSync(folder));
}
