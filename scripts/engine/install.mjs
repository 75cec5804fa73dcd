/**
 * Builds the engine into the per-user cache, once for all checkouts: libtensorflow out of the PyPI wheel, and tfjs-node's addon compiled against
 * it. Everything is made aside and renamed when whole; a lock keeps two installs apart; what is there is checked by checksum before it is used.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADDON, cacheFolder, KERNELS, MANIFEST, sha256, spec, whyBroken } from './cache.mjs';
import { compileAddon, compileKernels, compiler } from './compile.mjs';
import { hasEnded } from '../process-ended.mjs';
import { ensurePackage } from './tfjs-package.mjs';
import { fetchWheel, python } from './wheel.mjs';

const POLL_MS = 500;

/** Whether the process that took the lock is still there; one that can't be told is given half an hour. */
function lockIsStale(lock) {
  const stats = statSync(lock, { throwIfNoEntry: false });
  if (!stats) return false;
  const pid = Number(readFileSync(lock, 'utf8'));
  if (!pid) return Date.now() - stats.mtimeMs > 30 * 60_000;
  return hasEnded(pid);
}

/** Runs `work` while no other install does. */
export async function withLock(lock, work, say = () => undefined) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; ;) {
    try {
      const handle = openSync(lock, 'wx');
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (lockIsStale(lock)) rmSync(lock, { force: true });
      else {
        if (!told) say('another install is building the engine; waiting for it');
        told = true;
        await sleep(POLL_MS);
      }
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Makes the engine in `aside` and moves it to `folder`. `fetch` and `compile` are given, so that tests need no download. */
export async function buildInto(folder, { fetch, compile }) {
  const aside = `${folder}.part-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  try {
    const files = await fetch(aside);
    await compile(aside);
    for (const name of [ADDON, KERNELS].filter((name) => existsSync(join(aside, name))))
      files[name] = { bytes: statSync(join(aside, name)).size, sha256: await sha256(join(aside, name)) };
    writeFileSync(join(aside, MANIFEST), JSON.stringify({ ...spec, files }, null, 1), { flush: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Everything that a build needs and the machine lacks, at once and before the download. @throws Error naming it with the way to add it */
export function refuseMissingTools() {
  const missing = [
    ...(python() ? [] : [{ what: 'Python 3 with pip', debian: 'python3-pip' }]),
    ...(compiler() ? [] : [{ what: 'a C++ compiler', debian: 'g++' }]),
  ];
  if (!missing.length) return;
  const debian = missing.map((tool) => tool.debian).join(' ');
  throw new Error(`${missing.map(({ what }) => what).join(' and ')} could not be found (Debian: apt-get install ${debian})`);
}

export async function installEngine(say = (line) => console.error(`engine: ${line}`)) {
  if (process.env.EFFICIENTTRAIN_SKIP_ENGINE) return say('skipped (EFFICIENTTRAIN_SKIP_ENGINE is set)');
  ensurePackage(say);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the built engine is for Linux x86-64; this is ${process.platform} ${process.arch}`);
  }
  const folder = cacheFolder();
  await withLock(
    `${folder}.lock`,
    async () => {
      const why = existsSync(folder) ? await whyBroken(folder) : 'it is not built yet';
      if (why === null) return say(`TensorFlow ${spec.version} is ready`);
      refuseMissingTools();
      say(`building TensorFlow ${spec.version} for tfjs (${why})`);
      await buildInto(folder, {
        fetch: (aside) => fetchWheel(aside, say),
        compile: (aside) => {
          say('compiling the kernels and the addon');
          compileKernels(aside);
          compileAddon(aside);
        },
      });
      say(`TensorFlow ${spec.version} is ready`);
    },
    say,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await installEngine();
  } catch (error) {
    console.error(`engine: ${error.message}`);
    process.exitCode = 1;
  }
}
