/** Memory of our kernels: it is shared, returned when nothing needs it, and a failed allocation is only an error. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporary } from '../../support/training';

it('is given back after a while, shared by ops, and its lack is an error', ({ skip }) => {
  const folder = temporary('scratch');
  const native = join(import.meta.dirname, '../../../src/main/engine/backend/native');
  const program = join(folder, 'scratch');
  const source = join(import.meta.dirname, 'scratch.cc');
  const built = spawnSync('g++', ['-std=c++17', '-O1', '-pthread', '-I', native, source, '-o', program], {
    encoding: 'utf8',
  });
  if (built.error) skip('there is no g++ here');
  expect(built.stderr).toBe('');
  const { stdout, status } = spawnSync(program, [], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(status).toBe(0);
  // Megabytes. A thread keeps 32 while that was needed lately, then what it needs now. Two ops one after the other take
  // the same 16, two at once 32, and nothing is left of it once it was not needed for a while.
  expect(stdout.split('\n')).toEqual(['aligned 1 thread 32 32 4', 'ops 16 32 0', 'refused 1 1 then 8', '']);
});
