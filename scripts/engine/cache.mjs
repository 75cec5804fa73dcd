/**
 * Names the folder of the built engine, and checks whether it is whole. src/main/engine/backend/engine-cache.ts reads
 * the same folder.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const spec = JSON.parse(readFileSync(join(root, 'resources', 'engine.json'), 'utf8'));
export const cuda = JSON.parse(readFileSync(join(root, 'resources', 'engine-cuda.json'), 'utf8'));
export const MANIFEST = 'manifest.json';
export const ADDON = 'tfjs_binding.node';
export const KERNELS = 'libstudio_kernels.so';
/** Kernels for processors with wider instructions; KERNELS loads the one that fits (register.cc). */
export const WIDER_KERNELS = ['libstudio_kernels_avx512.so', 'libstudio_kernels_avx512_bf16.so'];

/** @param wheel names the build; default: the CPU's */
export function cacheFolder(environment = process.env, wheel = spec.wheel) {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(
    cache,
    'efficienttrain-studio',
    'engine',
    `${wheel}-${spec.version}-tfjs-${spec.tfjs}-build-${spec.build}-${process.platform}-${process.arch}`,
  );
}

export async function sha256(path) {
  const hash = createHash('sha256');
  for await (const block of createReadStream(path, { highWaterMark: 1 << 22 })) hash.update(block);
  return hash.digest('hex');
}

/** Returns null if every file is as the manifest says, else the reason. */
export async function whyBroken(folder) {
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) return 'there is no manifest';
  let files;
  try {
    ({ files } = JSON.parse(readFileSync(manifest, 'utf8')));
  } catch {
    return 'its manifest is damaged';
  }
  for (const [name, { bytes, sha256: expected }] of Object.entries(files)) {
    const path = join(folder, name);
    if (!existsSync(path)) return `${name} is missing`;
    if (statSync(path).size !== bytes) return `${name} has not the size that was written`;
    if ((await sha256(path)) !== expected) return `the checksum of ${name} differs`;
  }
  return null;
}
