/**
 * Builds the engine into the per-user cache, once for all checkouts: libtensorflow from the PyPI wheel, and tfjs-node's
 * addon compiled against it. Where there is an NVIDIA driver, it takes the wheel for CUDA and CUDA's libraries.
 * Everything is made in a folder beside and renamed when it is whole; a lock keeps two installs apart; existing files
 * are checked by checksum before they are used.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aloud } from './aloud.mjs';
import { ADDON, cacheFolder, cuda, KERNELS, MANIFEST, sha256, spec, whyBroken, WIDER_KERNELS } from './cache.mjs';
import { chooseBuild } from './choose.mjs';
import { compileAddon, compileKernels, compiler } from './compile.mjs';
import { fetchCuda } from './cuda.mjs';
import { whyNoGlibc } from './libc.mjs';
import { withLock } from './lock.mjs';
import { ensurePackage } from './tfjs-package.mjs';
import { fetchWheel, python } from './wheel.mjs';

export { withLock };

/**
 * Makes the engine in `aside` and moves it to `folder`. `fetch` and `compile` are given, so that tests need no
 * download.
 */
export async function buildInto(folder, { fetch, compile, wheel = spec.wheel }) {
  const aside = `${folder}.part-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  try {
    const files = await fetch(aside);
    await compile(aside);
    for (const name of [ADDON, KERNELS, ...WIDER_KERNELS].filter((name) => existsSync(join(aside, name))))
      files[name] = { bytes: statSync(join(aside, name)).size, sha256: await sha256(join(aside, name)) };
    writeFileSync(join(aside, MANIFEST), JSON.stringify({ ...spec, wheel, files }, null, 1), { flush: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * Checks, before the download, for all tools that a build needs. @throws Error naming the missing ones with the way to
 * add them
 */
export function refuseMissingTools() {
  const missing = [
    ...(python() ? [] : [{ what: 'Python 3 with pip', debian: 'python3-pip' }]),
    ...(compiler() ? [] : [{ what: 'a C++ compiler', debian: 'g++' }]),
  ];
  if (!missing.length) return;
  const debian = missing.map((tool) => tool.debian).join(' ');
  throw new Error(
    `${missing.map(({ what }) => what).join(' and ')} could not be found (Debian: apt-get install ${debian})`,
  );
}

/** Removes what killed installs have left unfinished. While the lock is held, no other install makes anything. */
export function removeHalfMade(folder) {
  for (const name of readdirSync(dirname(folder)))
    if (name.startsWith(`${basename(folder)}.part-`))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
}

/** Returns the folder in which the downloads of a build are kept until it is whole. */
const wheelsOf = (folder) => `${folder}.wheels`;

/** Differences between the two builds. */
const BUILDS = {
  cpu: { wheel: spec.wheel, title: `TensorFlow ${spec.version}`, fetch: fetchWheel },
  cuda: {
    wheel: cuda.wheel,
    title: `TensorFlow ${spec.version} for CUDA`,
    fetch: (aside, folder, say) => fetchCuda(aside, folder, say),
  },
};

/** Builds one of the two where it is missing or not whole. @param build `cpu` or `cuda` */
export async function installBuild(build, say) {
  const { wheel, title, fetch } = BUILDS[build];
  const folder = cacheFolder(process.env, wheel);
  await withLock(
    `${folder}.lock`,
    async () => {
      const why = existsSync(folder) ? await whyBroken(folder) : 'it is not built yet';
      if (why === null) return say(`${title} is ready`);
      removeHalfMade(folder);
      refuseMissingTools();
      say(`building ${title} for tfjs (${why})`);
      await buildInto(folder, {
        wheel,
        fetch: (aside) => fetch(aside, folder, say),
        compile: async (aside) => {
          say('compiling the kernels and the addon');
          await compileKernels(aside);
          await compileAddon(aside, build);
        },
      });
      rmSync(wheelsOf(folder), { recursive: true, force: true });
      say(`${title} is ready`);
    },
    say,
  );
}

/**
 * Installs the build that suits the machine. Where CUDA's can't be had, the CPU's is taken.
 * @param options the requested build, the driver that was found, and the function that installs a build: given in tests
 * @returns null, or what training on the GPU lacks: { why, next }
 * @throws Error where there is no engine at all
 */
export async function installEngine(
  say = (line) => console.error(`engine: ${line}`),
  { install = installBuild, ...found } = {},
) {
  if (process.env.EFFICIENTTRAIN_SKIP_ENGINE) {
    say('skipped (EFFICIENTTRAIN_SKIP_ENGINE is set)');
    return null;
  }
  ensurePackage(say);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the built engine is for Linux x86-64; this is ${process.platform} ${process.arch}`);
  }
  const unfit = whyNoGlibc();
  if (unfit) throw new Error(unfit);
  const { build, why } = chooseBuild(found);
  if (build === 'cpu') {
    await install('cpu', say);
    return why && { why, next: 'update the driver, then run `npm run engine`.' };
  }
  try {
    await install('cuda', aloud(say, 'engine: '));
    return null;
  } catch (error) {
    await install('cpu', say);
    return {
      why: error.message,
      next: 'put that right, then run `npm run engine`; what was downloaded is kept for it.',
    };
  }
}

/** Words the message that `npm ci` and `npm run engine` print. */
export const withoutCuda = ({ why, next }) => `
EfficientTrain Studio: the CUDA build of TensorFlow could not be installed, so training will run on the processor, not on the GPU.
  why:  ${why}
  next: ${next} EFFICIENTTRAIN_ENGINE=cpu asks for the processor.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const lacking = await installEngine();
    if (lacking) {
      console.error(withoutCuda(lacking));
      process.exitCode = 1;
    }
  } catch (error) {
    console.error(`engine: ${error.message}`);
    process.exitCode = 1;
  }
}
