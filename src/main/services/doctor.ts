/** What the program runs on, each with a cause and a remedy where it is not right. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import packageJson from '../../../package.json';
import { errorData } from '../../shared/errors';
import { LITTLE_DISK } from '../../shared/little-disk';
import { ENGINE_MANIFEST } from '../engine/backend/engine-cache';
import { applyEngineEnvironment, engineEnvironment } from '../engine/backend/environment';
import { loadBinding } from '../engine/backend/load';
import { locateEngine, type Engine } from '../engine/backend/locate';
import { newestVersion } from '../store/migrate';

export interface Check {
  id: string;
  ok: boolean;
  value: string;
  cause: string | null;
  remedy: string | null;
}

const good = (id: string, value: string): Check => ({ id, ok: true, value, cause: null, remedy: null });
const bad = (id: string, value: string, cause: string, remedy: string): Check => ({ id, ok: false, value, cause, remedy });

const REBUILD =
  'Run `npm run engine`; it needs Python 3 with pip, a C++ compiler (Debian: apt-get install python3-pip g++) and a connection.';

export async function diagnose(home: string, database: string): Promise<Check[]> {
  const engine = locateEngine();
  return [
    good(
      'versions',
      `EfficientTrain Studio ${packageJson.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ),
    ...(await engineChecks(engine)),
    good('processor', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads; ${cpuFeatures()}`),
    good(
      'flags',
      Object.entries(engineEnvironment({ intraOpThreads: null, interOpThreads: null }))
        .map(([name, value]) => `${name}=${process.env[name] ?? value}`)
        .join(' '),
    ),
    decoderCheck(engine),
    ...folderChecks(home),
    databaseCheck(database),
  ];
}

async function engineChecks(engine: Engine): Promise<Check[]> {
  if (engine.kind === 'tfjs-cpu') return [bad('engine', "tfjs's CPU backend: many times slower", engine.why, REBUILD)];
  applyEngineEnvironment({ intraOpThreads: null, interOpThreads: null });
  try {
    const binding = loadBinding();
    const gpu = binding.isUsingGpuDevice();
    const damage = engine.kind === 'libtensorflow' ? await damageOf(engine.folder) : null;
    return [
      damage === null
        ? good('engine', `TensorFlow ${binding.TF_Version}, ${engine.origin}, ${engine.folder}`)
        : bad('engine', engine.folder, damage, REBUILD),
      good('devices', devices(gpu)),
      good('onednn', process.env['TF_ENABLE_ONEDNN_OPTS'] === '0' ? 'off (TF_ENABLE_ONEDNN_OPTS=0)' : 'on'),
      good('xla', 'off: it is slower for these models on a CPU'),
    ];
  } catch (error) {
    const { what, why } = errorData(error);
    return [bad('engine', what, why, REBUILD)];
  }
}

/** The devices with their memory; a GPU that is there and not used is said to be so. */
function devices(usesGpu: boolean): string {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader'], { encoding: 'utf8' });
  const gpus = (stdout ?? '').trim().split('\n').filter(Boolean).join('; ');
  const cpu = `CPU, ${(totalmem() / 2 ** 30).toFixed(1)} GiB of memory`;
  if (usesGpu) return `${gpus || 'a GPU'}; ${cpu}`;
  return `${cpu}; ${gpus ? `${gpus}: not used, this build of TensorFlow is for the CPU` : 'no GPU'}`;
}

/** Every file against the checksums written when the engine was built. */
async function damageOf(folder: string): Promise<string | null> {
  const manifest = join(folder, ENGINE_MANIFEST);
  if (!existsSync(manifest)) return null;
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: Record<string, { sha256: string }> };
  for (const [name, { sha256 }] of Object.entries(files)) {
    const hash = createHash('sha256');
    for await (const block of createReadStream(join(folder, name), { highWaterMark: 1 << 22 })) hash.update(block as Buffer);
    if (hash.digest('hex') !== sha256) return `The checksum of ${name} is not the one it was built with.`;
  }
  return null;
}

function cpuFeatures(): string {
  if (process.platform !== 'linux') return 'instruction sets unknown';
  const flags = new Set(/^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
  const found = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16'].filter((flag) => flags.has(flag));
  return found.length ? found.join(', ') : 'neither AVX2 nor AVX-512';
}

function decoderCheck(engine: Engine): Check {
  const { vips, sharp: version } = sharp.versions;
  const missing = (['jpeg', 'png', 'webp', 'gif', 'tiff'] as const).filter((format) => !sharp.format[format]?.input.buffer);
  const value = `sharp ${version ?? ''}, libvips ${vips}; BMP by our own; JPEG crops by ${engine.kind === 'tfjs-cpu' ? 'libvips' : 'TensorFlow'}`;
  return missing.length
    ? bad('decoder', value, `It can't read ${missing.join(', ')}.`, 'Run `npm ci` again.')
    : good('decoder', value);
}

function folderChecks(home: string): Check[] {
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
  } catch (error) {
    return [bad('data_folder', home, (error as Error).message, 'Make it writable, or choose another with --home.')];
  }
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  const value = `${(free / 1e9).toFixed(1)} GB free`;
  return [
    good('data_folder', home),
    free > LITTLE_DISK
      ? good('free_disk', value)
      : bad(
          'free_disk',
          value,
          'Checkpoints of a run take up to a few GB.',
          'Free some space, or choose another data folder with --home.',
        ),
  ];
}

function databaseCheck(path: string): Check {
  if (!existsSync(path)) return good('database', `not there yet; it will be version ${newestVersion()}`);
  try {
    const store = new Database(path, { readonly: true });
    const version = store.pragma('user_version', { simple: true }) as number;
    const integrity = store.pragma('quick_check', { simple: true }) as string;
    store.close();
    if (version > newestVersion())
      return bad(
        'database',
        `version ${version}`,
        `This program knows up to ${newestVersion()}.`,
        'Update the program, or choose another data folder with --home.',
      );
    return integrity === 'ok'
      ? good('database', `version ${version}, whole, ${path}`)
      : bad('database', path, integrity, 'Move it aside and start again; checkpoints are not touched.');
  } catch (error) {
    return bad('database', path, (error as Error).message, 'Move it aside and start again; checkpoints are not touched.');
  }
}
