/** Compiles and loads the op that waits (wait.cc). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { locateEngine } from '../../../src/main/engine/backend/locate';
import { loadBinding } from '../../../src/main/engine/backend/load';

const root = join(import.meta.dirname, '..', '..', '..');

/** Loads the op. @returns null once graphs may have the op, or why they can't */
export function loadWaitingOp(): string | null {
  const engine = locateEngine();
  if (engine.kind !== 'libtensorflow') return 'there is no engine of ours';
  loadBinding();
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-wait-'));
  try {
    const library = join(folder, 'wait.node');
    const lib = join(dirname(engine.addon), 'lib');
    const { error, status, stderr } = spawnSync(
      'g++',
      [
        ...['-O1', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
        ...[
          '-I',
          join(root, 'node_modules', 'node-api-headers', 'include'),
          '-I',
          join(dirname(engine.addon), 'include'),
        ],
        join(import.meta.dirname, 'wait.cc'),
        ...[
          '-L',
          lib,
          '-l:libtensorflow_cc.so.2',
          '-l:libtensorflow_framework.so.2',
          `-Wl,-rpath,${lib}`,
          '-o',
          library,
        ],
      ],
      { encoding: 'utf8' },
    );
    if (error) return 'there is no g++';
    if (status !== 0) throw new Error(`wait.cc could not be compiled:\n${stderr}`);
    createRequire(import.meta.url)(library);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
