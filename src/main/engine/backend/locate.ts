/** Finds the engine that `npm ci` built (scripts/engine), and says why where there is none. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { appRoot } from '../../base/entry';
import { cudaFolders } from './cuda-libraries';
import { engineCacheFolder, ENGINE_ADDON, ENGINE_MANIFEST, type EngineBuild } from './engine-cache';
import { findDriver } from './nvidia-driver';

export type Engine =
  /** Our own build with the wheel's libtensorflow; `cuda` is the one that can use an NVIDIA GPU. */
  | { kind: 'libtensorflow'; folder: string; addon: string; origin: string; cuda: boolean }
  /** The addon that @tensorflow/tfjs-node-gpu downloads by itself. */
  | { kind: 'prebuilt'; folder: string; addon: string; origin: string }
  /** No TensorFlow: tfjs's own CPU backend runs op by op, many times slower. */
  | { kind: 'tfjs-cpu'; why: string };

const load = createRequire(import.meta.url);

interface Place {
  folder: string;
  origin: string;
}

/** Returns the folders that may hold a build; a package has the CPU's beside its archive. */
function placesOf(build: EngineBuild): Place[] {
  if (build === 'cuda')
    return [
      { folder: engineCacheFolder(process.env, 'cuda'), origin: 'built at install from the TensorFlow wheel for CUDA' },
    ];
  const packaged = join(dirname(appRoot()), 'engine');
  return [
    ...(existsSync(join(packaged, ENGINE_MANIFEST)) ? [{ folder: packaged, origin: 'in the package' }] : []),
    { folder: engineCacheFolder(), origin: 'built at install from the TensorFlow wheel' },
  ];
}

/** Returns the builds in the order of preference. Without a driver CUDA's build computes on the processor, too. */
function buildsFor(asked: string | undefined): EngineBuild[] {
  if (asked === 'cpu' || asked === 'cuda') return [asked];
  return findDriver() ? ['cuda', 'cpu'] : ['cpu', 'cuda'];
}

/**
 * Finds the engine to load. EFFICIENTTRAIN_ENGINE names a build (`cpu`, `cuda`), a folder with tfjs_binding.node, or
 * `tfjs-cpu`; by default it is CUDA's build where there is a driver, else the CPU's, else the package's own download.
 */
export function locateEngine(): Engine {
  const override = process.env['EFFICIENTTRAIN_ENGINE'];
  if (override === 'tfjs-cpu') return { kind: 'tfjs-cpu', why: 'EFFICIENTTRAIN_ENGINE asks for it.' };
  if (override && override !== 'cpu' && override !== 'cuda') {
    const addon = join(override, ENGINE_ADDON);
    if (!existsSync(addon))
      return { kind: 'tfjs-cpu', why: `EFFICIENTTRAIN_ENGINE names ${override}, where there is no ${ENGINE_ADDON}.` };
    return found({ folder: override, origin: 'EFFICIENTTRAIN_ENGINE' });
  }
  const reasons: string[] = [];
  for (const place of buildsFor(override).flatMap(placesOf)) {
    const why = whyUnusable(place.folder);
    if (why === null) return found(place);
    reasons.push(why);
  }
  const prebuilt = prebuiltAddon();
  if (prebuilt)
    return {
      kind: 'prebuilt',
      folder: dirname(prebuilt),
      addon: prebuilt,
      origin: "@tensorflow/tfjs-node-gpu's own download",
    };
  return { kind: 'tfjs-cpu', why: reasons.join(' ') };
}

const found = ({ folder, origin }: Place): Engine => ({
  ...{ kind: 'libtensorflow', folder, origin, addon: join(folder, ENGINE_ADDON), cuda: cudaFolders(folder).length > 0 },
});

/**
 * Checks the cache without hashing: every file of the manifest has to be there with its size. Returns null if the build
 * can be used, else the reason.
 */
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
    // The optional package is not installed, so there is no prebuilt addon either.
    return null;
  }
}
