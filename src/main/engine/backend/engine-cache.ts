/**
 * Folder of the built engines: one per user, keyed by versions and shared by all checkouts. scripts/engine/cache.mjs
 * computes the same.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import engine from '../../../../resources/engine.json';
import cuda from '../../../../resources/engine-cuda.json';

export const ENGINE_ADDON = 'tfjs_binding.node';
export const ENGINE_KERNELS = 'libstudio_kernels.so';
/** The variant for processors that multiply bfloat16, which the engine loads by itself. */
export const ENGINE_KERNELS_BFLOAT16 = 'libstudio_kernels_avx512_bf16.so';
export const ENGINE_MANIFEST = 'manifest.json';

const WHEELS = { cpu: engine.wheel, cuda: cuda.wheel };

/** The build of TensorFlow for the processor alone, and the one that also computes on NVIDIA's GPUs. */
export type EngineBuild = keyof typeof WHEELS;

export function engineCacheFolder(environment: NodeJS.ProcessEnv = process.env, build: EngineBuild = 'cpu'): string {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(
    cache,
    'efficienttrain-studio',
    'engine',
    `${WHEELS[build]}-${engine.version}-tfjs-${engine.tfjs}-build-${engine.build}-${process.platform}-${process.arch}`,
  );
}
