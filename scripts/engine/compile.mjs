/**
 * Compiles our kernels, and the addon: the package's two C++ files (one of them mended) and our sessions. Both are
 * linked with the wheel's libraries.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDON, KERNELS, root, WIDER_KERNELS } from './cache.mjs';
import { packageFolder } from './tfjs-package.mjs';

/** Returns the compiler's command, null where there is none. */
export const compiler = () =>
  [process.env.CXX, 'g++', 'clang++'].filter(Boolean).find((name) => spawnSync(name, ['--version']).status === 0) ??
  null;

const native = join(root, 'src', 'main', 'engine', 'backend', 'native');

/** `-l:` names the versioned files, so no symlinks are needed; $ORIGIN keeps the folder movable. */
const libraries = (target) => [
  ...['-L', join(target, 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
  ...['-Wl,-rpath,$ORIGIN/lib', '-Wl,-rpath,$ORIGIN'],
];

const sourcesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name));

const AVX512 = ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'];
/** Instruction sets that a form of our ops may use besides AVX2 and FMA. */
const FORMS = [
  [KERNELS, []],
  [WIDER_KERNELS[0], AVX512],
  [WIDER_KERNELS[1], [...AVX512, '-mavx512bf16']],
];

/**
 * Compiles our own ops: for processors with AVX2 and FMA (register.cc refuses others), for those with AVX-512, and for
 * those that multiply bfloat16 too. Sums may be split over vector lanes; NaN and infinity keep their meaning, because a
 * run stops by them. The folder `exact` is compiled apart, because it has to round as PIL does, in all forms.
 */
export async function compileKernels(target) {
  const folder = join(native, 'kernels');
  const common = [
    ...['-O3', '-std=c++17', '-fPIC', '-mavx2', '-mfma'],
    ...['-fno-math-errno', '-fno-trapping-math', '-I', join(target, 'include')],
  ];
  const exact = join(target, 'exact.o');
  await compile('our kernels for images', [
    ...common,
    '-ffp-contract=off',
    '-r',
    '-nostdlib',
    ...sourcesIn(join(folder, 'exact')),
    '-o',
    exact,
  ]);
  const form = (name, sets) =>
    compile('our kernels', [
      // -Bsymbolic: each form calls its own functions, although all define the same ones.
      ...[...common, ...sets, '-fno-signed-zeros', '-fassociative-math', '-freciprocal-math', '-shared'],
      ...['-Wl,--no-undefined', '-Wl,-Bsymbolic', '-fno-gnu-unique'],
      ...[...sourcesIn(folder), exact, ...libraries(target), '-ldl', '-o', join(target, name)],
    ]);
  await Promise.all(FORMS.map(([name, sets]) => form(name, sets)));
  rmSync(exact);
}

const SHARED_NAMES = 'static std::set<std::string> ATTR_NAME_SET;';

/**
 * Gives each thread its own set of attributes' names. tfjs-node keeps them in one unguarded set for all threads, so two
 * loader workers that ran their first ops at once ended the process. Names live as long as an op of their thread.
 * @throws Error where the package's source has changed
 */
function withNamesOfItsThread(source) {
  if (source.split(SHARED_NAMES).length !== 2)
    throw new Error(`tfjs_backend.cc no longer says "${SHARED_NAMES}": see compile.mjs`);
  return source.replace(SHARED_NAMES, SHARED_NAMES.replace('static', 'static thread_local'));
}

/**
 * Compiles tfjs-node's addon with our functions for sessions. It loads our kernels, so that they are registered
 * wherever it is loaded.
 * @param build `cpu` or `cuda`
 */
export async function compileAddon(target, build) {
  const binding = join(packageFolder, 'binding');
  const backend = join(target, 'tfjs_backend.cc');
  writeFileSync(backend, withNamesOfItsThread(readFileSync(join(binding, 'tfjs_backend.cc'), 'utf8')));
  await compile('the addon', [
    ...['-O2', '-std=c++17', '-shared', '-fPIC', '-pthread', '-DNAPI_VERSION=8'],
    ...(build === 'cuda' ? ['-DSTUDIO_CUDA'] : []),
    ...['-I', join(root, 'node_modules', 'node-api-headers', 'include'), '-I', join(target, 'include'), '-I', binding],
    ...['session_options.h', 'session_exports.h'].flatMap((name) => ['-include', join(native, name)]),
    ...[backend, join(binding, 'tfjs_binding.cc'), join(native, 'session_exports.cc')],
    ...[...libraries(target), '-Wl,--no-as-needed', `-l:${KERNELS}`, '-L', target, '-o', join(target, ADDON)],
  ]);
  rmSync(backend);
}

async function compile(what, args) {
  const child = spawn(compiler(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [status] = await once(child, 'close');
  if (status === 0) return;
  const errors = stderr.split('\n').filter((line) => /error/.test(line));
  throw new Error(
    `${what} could not be compiled:\n        ${(errors.length ? errors : stderr.trim().split('\n')).slice(0, 4).join('\n        ')}`,
  );
}
