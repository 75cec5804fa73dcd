/** Finds the engine that `npm ci` built (scripts/engine), and says why not where there is none. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { appRoot } from '../../entry';
import { engineCacheFolder, ENGINE_ADDON, ENGINE_MANIFEST } from './engine-cache';

export type Engine =
  /** Our own build against the wheel's libtensorflow. */
  | { kind: 'libtensorflow'; folder: string; addon: string; origin: string }
  /** The addon that @tensorflow/tfjs-node-gpu downloads by itself. */
  | { kind: 'prebuilt'; folder: string; addon: string; origin: string }
  /** No TensorFlow: tfjs's own CPU backend, op by op, many times slower. */
  | { kind: 'tfjs-cpu'; why: string };

const load = createRequire(import.meta.url);

/** EFFICIENTTRAIN_ENGINE names a folder with tfjs_binding.node, or `tfjs-cpu`; else the per-user cache, else the package's own download. */
export function locateEngine(): Engine {
  const override = process.env['EFFICIENTTRAIN_ENGINE'];
  if (override === 'tfjs-cpu') return { kind: 'tfjs-cpu', why: 'EFFICIENTTRAIN_ENGINE asks for it.' };
  if (override) {
    const addon = join(override, ENGINE_ADDON);
    if (!existsSync(addon))
      return { kind: 'tfjs-cpu', why: `EFFICIENTTRAIN_ENGINE names ${override}, where there is no ${ENGINE_ADDON}.` };
    return { kind: 'libtensorflow', folder: override, addon, origin: 'EFFICIENTTRAIN_ENGINE' };
  }
  // A package brings the engine beside its archive.
  const packaged = join(dirname(appRoot()), 'engine');
  const folder = existsSync(join(packaged, ENGINE_MANIFEST)) ? packaged : engineCacheFolder();
  const why = whyUnusable(folder);
  if (why === null)
    return {
      kind: 'libtensorflow',
      folder,
      addon: join(folder, ENGINE_ADDON),
      origin: folder === packaged ? 'in the package' : 'built at install from the TensorFlow wheel',
    };
  const prebuilt = prebuiltAddon();
  if (prebuilt)
    return { kind: 'prebuilt', folder: dirname(prebuilt), addon: prebuilt, origin: "@tensorflow/tfjs-node-gpu's own download" };
  return { kind: 'tfjs-cpu', why };
}

/** Quick look at the cache, without hashing: every file of the manifest is there with its size. Null if it can be used. */
function whyUnusable(folder: string): string | null {
  const manifest = join(folder, ENGINE_MANIFEST);
  if (!existsSync(manifest)) return `There is no built engine in ${folder}.`;
  const files = filesOf(manifest);
  if (files === null) return `${manifest} is damaged.`;
  for (const [name, { bytes }] of Object.entries(files)) {
    const path = join(folder, name);
    if (!existsSync(path)) return `${path} is missing.`;
    if (statSync(path).size !== bytes) return `${path} does not have the ${bytes} bytes it was built with.`;
  }
  return null;
}

function filesOf(manifest: string): Record<string, { bytes: number }> | null {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { files: Record<string, { bytes: number }> }).files;
  } catch {
    return null;
  }
}

function prebuiltAddon(): string | null {
  try {
    const addon = join(dirname(load.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib', 'napi-v8', ENGINE_ADDON);
    return existsSync(addon) ? addon : null;
  } catch {
    // The optional package is not installed: then there is no prebuilt addon either.
    return null;
  }
}
