import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import { dyingWorker, planOf, SIGNS } from './plans';
import { tableOf } from './table';

/** This is slow, because V8's whole heap limit has to fill. */
it('a worker that runs out of memory is an error of next() and no hang', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loader-'));
  const loader = createTrainLoader(
    dyingWorker(folder, 'const held = []; for (;;) held.push(new Array(100000).fill({}))'),
    planOf(await tableOf(SIGNS, 4), { workers: 1 }),
    0,
  );
  try {
    expect(() => loader.next()).toThrow(expect.objectContaining({ code: 'io', why: expect.stringMatching(/memory/) }));
  } finally {
    await loader.close();
    rmSync(folder, { recursive: true });
  }
}, 240_000);
