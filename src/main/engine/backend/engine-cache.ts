/** Where the built engine lies: a folder per user, keyed by versions, shared by all checkouts. scripts/engine/cache.mjs computes the same. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import engine from '../../../../resources/engine.json';

export const ENGINE_ADDON = 'tfjs_binding.node';
export const ENGINE_KERNELS = 'libstudio_kernels.so';
export const ENGINE_MANIFEST = 'manifest.json';

export function engineCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(
    cache,
    'efficienttrain-studio',
    'engine',
    `${engine.wheel}-${engine.version}-tfjs-${engine.tfjs}-build-${engine.build}-${process.platform}-${process.arch}`,
  );
}
