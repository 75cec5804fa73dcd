/**
 * Fetches the CUDA build's wheels: TensorFlow's own and NVIDIA's libraries, as the wheel's extra `and-cuda` asks for
 * them. They are downloaded one by one into a folder that outlives a failure, so that the next try continues with the
 * first missing one, and each is compared with the checksum in resources/engine-cuda.json. They are laid out as in
 * Python's site-packages, where TensorFlow finds them by the paths in its own libraries.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cuda, sha256 } from './cache.mjs';
import { takeFromEarlier } from './reuse.mjs';
import { lastLines, pipArguments, python, refuseWithoutLibraries, unpackWheel } from './wheel.mjs';

const TELL_MS = 10_000;

const gigabytes = (bytes) => (bytes / 1e9).toFixed(1);
const sum = (wheels) => wheels.reduce((bytes, wheel) => bytes + wheel.bytes, 0);
const requirementOf = ({ name, version }) => `${name}==${version}`;
const fileOf = (folder, { name, version }) => join(folder, `${name.replaceAll('-', '_')}-${version}.whl`);

/** Says whether a wheel is complete; a truncated or changed one counts as missing. */
async function isWhole(folder, wheel) {
  const stats = statSync(fileOf(folder, wheel), { throwIfNoEntry: false });
  return stats?.size === wheel.bytes && (await sha256(fileOf(folder, wheel))) === wheel.sha256;
}

/**
 * Counts the bytes of the files in a folder that another process writes; files that it moves or removes meanwhile do
 * not count.
 */
function bytesBelow(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .reduce(
        (bytes, { parentPath, name }) =>
          bytes + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return 0;
  }
}

/**
 * Runs pip into `folder`, and reports the downloaded bytes from time to time. pip's temporary files are kept there,
 * too, because /tmp is often small.
 */
export function pipDownload(requirement, folder, onBytes) {
  // --no-cache-dir: pip's cache would hold another 3 GB.
  const pip = spawn(python(), [...pipArguments(requirement, folder, cuda.platforms), '--no-cache-dir'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
  let said = '';
  pip.stderr.on('data', (bytes) => (said += bytes));
  const timer = setInterval(() => onBytes(bytesBelow(folder)), TELL_MS);
  return new Promise((resolve, reject) => {
    pip.on('error', reject);
    pip.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`pip could not download ${requirement}:\n        ${lastLines(said, 4)}`));
    });
  }).finally(() => clearInterval(timer));
}

const roomIn = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Fetches one wheel, and moves it to its place once it is whole. */
async function fetchOne(folder, wheel, download, tell) {
  const aside = join(folder, '.part');
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  try {
    await download(requirementOf(wheel), aside, tell);
    const file = readdirSync(aside).find((name) => name.endsWith('.whl'));
    if (!file) throw new Error(`pip brought no wheel of ${requirementOf(wheel)}`);
    if ((await sha256(join(aside, file))) !== wheel.sha256)
      throw new Error(`the checksum of ${file} is not the one that resources/engine-cuda.json expects`);
    renameSync(join(aside, file), fileOf(folder, wheel));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * Downloads the missing wheels into `folder`, and first says how much that is.
 * @param set wheels and the bytes that they unpack to; it, `download` and `room` are given in tests
 */
export async function fetchWheels(folder, say, { set = cuda, download = pipDownload, room = roomIn } = {}) {
  mkdirSync(folder, { recursive: true });
  const missing = [];
  for (const wheel of set.wheels) if (!(await isWhole(folder, wheel))) missing.push(wheel);
  const [total, left] = [sum(set.wheels), sum(missing)];
  // All wheels are kept until all are unpacked.
  const [needed, free] = [left + set.unpacked_bytes, room(folder)];
  if (free < needed)
    throw new Error(`it needs ${gigabytes(needed)} GB below ${dirname(folder)}, where ${gigabytes(free)} GB are free`);
  const already = left < total ? `; ${gigabytes(total - left)} GB of them are here from an earlier try` : '';
  if (left)
    say(
      `downloading ${set.wheels.length} ${set.wheels.length === 1 ? 'wheel' : 'wheels'}, ${gigabytes(total)} GB, which take ${gigabytes(set.unpacked_bytes)} GB unpacked${already}`,
    );
  let done = total - left;
  for (const wheel of missing) {
    await fetchOne(folder, wheel, download, (bytes) =>
      say(`${gigabytes(done + Math.min(bytes, wheel.bytes))} of ${gigabytes(total)} GB`),
    );
    done += wheel.bytes;
    say(`${gigabytes(done)} of ${gigabytes(total)} GB: ${requirementOf(wheel)} is here`);
  }
  return set.wheels.map((wheel) => fileOf(folder, wheel));
}

/**
 * Downloads and unpacks all into `target`, except what an earlier build beside `folder` has; returns { path: { bytes,
 * sha256, wheel } }.
 * @param steps functions that download and unpack; given in tests
 */
export async function fetchCuda(target, folder, say, { set = cuda, fetch = fetchWheels, unpack = unpackWheel } = {}) {
  // TensorFlow's own wheel is always fetched, because the choice of its headers may have changed.
  const reusable = set.wheels.filter(({ name }) => name !== set.wheel).map(requirementOf);
  const taken = await takeFromEarlier(target, folder, set.wheel, reusable);
  const files = Object.assign({}, ...taken.values());
  const bytes = Object.values(files).reduce((total, file) => total + file.bytes, 0);
  if (bytes) say(`${gigabytes(bytes)} GB of NVIDIA's libraries are here from an earlier build`);
  const wheels = set.wheels.filter((wheel) => !taken.has(requirementOf(wheel)));
  const paths = await fetch(`${folder}.wheels`, say, { set: { wheels, unpacked_bytes: set.unpacked_bytes - bytes } });
  say('unpacking and checking them');
  const interpreter = python();
  for (const [index, path] of paths.entries()) {
    const wheel = requirementOf(wheels[index]);
    for (const [name, file] of Object.entries(unpack(interpreter, path, target))) files[name] = { ...file, wheel };
  }
  refuseWithoutLibraries(target);
  const lacking = ['cublas', 'cudnn', 'cufft', 'cusolver', 'cusparse', 'cuda_runtime'].filter(
    (part) => !existsSync(join(target, 'nvidia', part, 'lib')),
  );
  if (lacking.length) throw new Error(`the wheels lack ${lacking.join(', ')}`);
  return files;
}
