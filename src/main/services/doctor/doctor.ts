/** Checks the program's environment, and gives a cause and a remedy for each problem. */
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import packageJson from '../../../../package.json';
import { DOCTOR_WORD_IDS, DOCTOR_WORDS, inWords, type Fact } from '../../../shared/doctor-words';
import { errorData } from '../../../shared/errors';
import { LITTLE_DISK } from '../../../shared/little-disk';
import { ENGINE_MANIFEST } from '../../engine/backend/engine-cache';
import { applyEngineEnvironment, engineEnvironment } from '../../engine/backend/environment';
import { loadBinding } from '../../engine/backend/load';
import { locateEngine, type Engine } from '../../engine/backend/locate';
import { findDriver } from '../../engine/backend/nvidia-driver';
import { newestVersion } from '../../store/migrate';
import { networkAdvice, networkFileSystem, type MountFacts } from '../../store/network-file-system';
import { makePrivateHome } from '../../base/private-home';
import { cpuFeatures } from './cpu-features';
import { bad, good, type Check } from './doctor-check';
import { devicesCheck } from './devices-check';
import { readGpus } from '../gpu/nvidia-smi';

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
    good(
      'processor',
      inWords('threads', { model: cpus()[0]?.model.trim() ?? process.arch, count: availableParallelism() }),
      instructionSets(),
    ),
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
  if (engine.kind === 'tfjs-cpu') return [bad('engine', inWords('tfjs'), engine.why, REBUILD)];
  applyEngineEnvironment({ intraOpThreads: null, interOpThreads: null });
  try {
    const binding = loadBinding();
    const usesGpu = binding.isUsingGpuDevice();
    const damage = engine.kind === 'libtensorflow' ? await damageOf(engine.folder) : null;
    return [
      damage === null
        ? good('engine', `TensorFlow ${binding.TF_Version}`, originOf(engine), engine.folder)
        : bad('engine', engine.folder, damage, REBUILD),
      devicesCheck({
        ...{ driver: findDriver(), reading: await readGpus(), usesGpu, environment: process.env },
        engine: { cuda: engine.kind === 'libtensorflow' && engine.cuda },
      }),
      good(
        'onednn',
        process.env['TF_ENABLE_ONEDNN_OPTS'] === '0'
          ? inWords('off', { by: 'TF_ENABLE_ONEDNN_OPTS=0' })
          : inWords('on'),
      ),
      good('xla', inWords('xla_off')),
    ];
  } catch (error) {
    const { what, why } = errorData(error);
    return [bad('engine', what, why, REBUILD)];
  }
}

/** Names the engine's origin, in words that the window translates. */
function originOf({ kind, origin }: Exclude<Engine, { kind: 'tfjs-cpu' }>): Fact {
  if (kind === 'prebuilt') return inWords('prebuilt');
  const words = DOCTOR_WORD_IDS.find((word) => DOCTOR_WORDS[`found_${word}`] === origin);
  return words ? inWords(words) : origin;
}

/** Compares every file with the checksums written when the engine was built. */
async function damageOf(folder: string): Promise<string | null> {
  const manifest = join(folder, ENGINE_MANIFEST);
  if (!existsSync(manifest)) return null;
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: Record<string, { sha256: string }> };
  for (const [name, { sha256 }] of Object.entries(files)) {
    const hash = createHash('sha256');
    for await (const block of createReadStream(join(folder, name), { highWaterMark: 1 << 22 }))
      hash.update(block as Buffer);
    if (hash.digest('hex') !== sha256) return `The checksum of ${name} is not the one it was built with.`;
  }
  return null;
}

function instructionSets(): Fact {
  const found = cpuFeatures();
  if (found === null) return inWords('features_unknown');
  return found.length ? found.join(', ') : inWords('features_none');
}

function decoderCheck(engine: Engine): Check {
  const { vips, sharp: version } = sharp.versions;
  const missing = (['jpeg', 'png', 'webp', 'gif', 'tiff'] as const).filter(
    (format) => !sharp.format[format]?.input.buffer,
  );
  const facts = [
    `sharp ${version ?? ''}, libvips ${vips}`,
    inWords('bmp'),
    inWords('crops', { library: engine.kind === 'tfjs-cpu' ? 'libvips' : 'TensorFlow' }),
  ];
  return missing.length
    ? bad('decoder', facts, `It can't read ${missing.join(', ')}.`, 'Run `npm ci` again.')
    : good('decoder', ...facts);
}

function folderChecks(home: string): Check[] {
  try {
    makePrivateHome(home);
    accessSync(home, constants.W_OK);
  } catch (error) {
    return [bad('data_folder', home, (error as Error).message, 'Make it writable, or choose another with --home.')];
  }
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  const value = inWords('free', { gb: (free / 1e9).toFixed(1) });
  return [
    dataFolderCheck(home),
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

export function dataFolderCheck(home: string, facts?: MountFacts): Check {
  const kind = networkFileSystem(home, facts);
  if (kind === null) return good('data_folder', home);
  const { why, next } = networkAdvice(kind);
  return bad('data_folder', home, why, next);
}

function databaseCheck(path: string): Check {
  if (!existsSync(path)) return good('database', inWords('no_database', { version: newestVersion() }));
  try {
    const store = new Database(path, { readonly: true });
    const version = store.pragma('user_version', { simple: true }) as number;
    const integrity = store.pragma('quick_check', { simple: true }) as string;
    store.close();
    if (version > newestVersion())
      return bad(
        'database',
        inWords('newer', { version }),
        `This program knows up to ${newestVersion()}.`,
        'Update the program, or choose another data folder with --home.',
      );
    return integrity === 'ok'
      ? good('database', inWords('database', { version }), path)
      : bad('database', path, integrity, 'Move it aside and start again; checkpoints are not touched.');
  } catch (error) {
    return bad(
      'database',
      path,
      (error as Error).message,
      'Move it aside and start again; checkpoints are not touched.',
    );
  }
}
