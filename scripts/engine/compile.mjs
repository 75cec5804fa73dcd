/** Compiles the package's two C++ files and our session options against the wheel's libraries. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ADDON, root } from './cache.mjs';
import { packageFolder } from './tfjs-package.mjs';

/** Its command, null where there is none. */
export const compiler = () =>
  [process.env.CXX, 'g++', 'clang++'].filter(Boolean).find((name) => spawnSync(name, ['--version']).status === 0) ?? null;

export function compileAddon(target) {
  const native = join(root, 'src', 'main', 'engine', 'backend', 'native');
  const args = [
    ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-DTF_NewSessionOptions=studio_NewSessionOptions'],
    ...[
      '-I',
      join(root, 'node_modules', 'node-api-headers', 'include'),
      '-I',
      join(target, 'include'),
      '-I',
      join(packageFolder, 'binding'),
    ],
    ...[
      '-include',
      join(native, 'session_options.h'),
      join(packageFolder, 'binding', 'tfjs_backend.cc'),
      join(packageFolder, 'binding', 'tfjs_binding.cc'),
    ],
    // `-l:` names the versioned files, so no symlinks are needed; $ORIGIN keeps the folder movable.
    ...[
      '-L',
      join(target, 'lib'),
      '-l:libtensorflow_cc.so.2',
      '-l:libtensorflow_framework.so.2',
      '-Wl,-rpath,$ORIGIN/lib',
      '-o',
      join(target, ADDON),
    ],
  ];
  const { status, stderr } = spawnSync(compiler(), args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(
    `the addon could not be compiled:\n        ${stderr
      .trim()
      .split('\n')
      .filter((line) => /error/.test(line))
      .slice(0, 4)
      .join('\n        ')}`,
  );
}
