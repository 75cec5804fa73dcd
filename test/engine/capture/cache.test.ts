import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { removeTemporary, storeGraph } from '../../../src/main/engine/capture/cache';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded } from '../../support/engine';
import { capture, float, newCache, programOf } from './programs';

/** Returns w after w += x, and w before it. */
const adding = (): Program =>
  programOf(
    ({ tf, variable, assign }, { x }) => {
      const before = tf.clone(variable('w'));
      assign('w', tf.add(variable('w'), x as Tensor));
      return { before, after: tf.clone(variable('w')) };
    },
    { x: float(3) },
    { w: float(3) },
  );

describe.skipIf(engineMissing)('cache of traced graphs', () => {
  it('a second opening does not trace; a damaged entry is built again; another key is another graph', () => {
    const cacheFolder = newCache();
    const build = vi.fn(adding);
    const open = (key: unknown = 1): ReturnType<typeof openProgram> => openProgram({ build, key, cacheFolder });
    expect(open().cached).toBe(false);
    expect(open().cached).toBe(true);
    expect(build).toHaveBeenCalledTimes(1);
    expect(open(2).cached).toBe(false);
    const entry = join(cacheFolder, readdirSync(cacheFolder)[0] as string);
    truncateSync(join(entry, 'saved_model.pb'), 100);
    const [first, second] = [open(1), open(2)];
    expect([first.cached, second.cached].sort()).toEqual([false, true]);
    writeFileSync(join(entry, 'signatures.json'), '{');
    const executor = open(1).executor;
    executor.write({ w: Float32Array.of(1, 2, 3) });
    expect(Array.from(executor.run('step', { x: Float32Array.of(1, 1, 1) })['after']!)).toEqual([2, 3, 4]);
  });
});

describe('an entry of the cache', () => {
  const manifest = { signatures: {}, variables: {} };
  const graph = (letter: string): Uint8Array => Buffer.from(letter.repeat(100));

  it('is the one that another process has kept meanwhile, and nothing stays half written', () => {
    const cacheFolder = newCache();
    const first = storeGraph(cacheFolder, 'n', graph('a'), manifest);
    expect(storeGraph(cacheFolder, 'n', graph('b'), manifest)).toEqual(first);
    expect(readFileSync(join(first.folder, 'saved_model.pb'), 'utf8')).toBe('a'.repeat(100));
    expect(readdirSync(cacheFolder)).toEqual(['n']);
    // A damaged graph is replaced.
    truncateSync(join(first.folder, 'saved_model.pb'), 10);
    storeGraph(cacheFolder, 'n', graph('b'), manifest);
    expect(readFileSync(join(first.folder, 'saved_model.pb'), 'utf8')).toBe('b'.repeat(100));
  });

  it('survives that others store and remove the same ones at once', async () => {
    const cacheFolder = newCache();
    const round = (at: number): Promise<string> =>
      new Promise((resolve, reject) => {
        setImmediate(() => {
          try {
            const { folder } = storeGraph(cacheFolder, `n${at % 3}`, graph('a'), manifest);
            if (at % 5 === 0) rmSync(folder, { recursive: true, force: true });
            resolve(folder);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      });
    expect(await Promise.all(Array.from({ length: 60 }, (_, at) => round(at)))).toHaveLength(60);
  });

  it('goes to a folder of its own where the cache can not take it, and is removed once loaded', () => {
    const cacheFolder = join(newCache(), 'file');
    // No folder can be made below a file. A full disk makes writing fail in the same way.
    writeFileSync(cacheFolder, '');
    const stored = storeGraph(cacheFolder, 'n', graph('a'), manifest);
    expect(stored.temporary).toBe(true);
    expect(readFileSync(join(stored.folder, 'saved_model.pb'), 'utf8')).toBe('a'.repeat(100));
    removeTemporary(stored);
    expect(existsSync(stored.folder)).toBe(false);
  });

  it('left half written by a process that ended is removed, one that is being written is not', () => {
    const cacheFolder = newCache();
    for (const name of ['.old.1.0.part', '.new.1.0.part']) mkdirSync(join(cacheFolder, name));
    utimesSync(join(cacheFolder, '.old.1.0.part'), 0, 0);
    storeGraph(cacheFolder, 'n', graph('a'), manifest);
    expect(readdirSync(cacheFolder).sort()).toEqual(['.new.1.0.part', 'n']);
  });
});

describe.skipIf(engineMissing)('a run on a disk that is full', () => {
  it('starts all the same', () => {
    const cacheFolder = join(newCache(), 'file');
    writeFileSync(cacheFolder, '');
    const { executor, cached } = openProgram({ build: adding, key: 1, cacheFolder });
    executor.write({ w: Float32Array.of(1, 2, 3) });
    expect(Array.from(executor.run('step', { x: Float32Array.of(1, 1, 1) })['after']!)).toEqual([2, 3, 4]);
    expect(cached).toBe(false);
  });
});

describe.skipIf(engineMissing)('variables of a captured program', () => {
  it('are read and written by name, assigned after their reads, and do not share the caller’s memory', () => {
    const executor = capture(adding());
    const own = Float32Array.of(1, 2, 3);
    executor.write({ w: own });
    own.fill(9);
    const out = executor.run('step', { x: Float32Array.of(10, 10, 10) });
    expect([Array.from(out['before']!), Array.from(out['after']!)]).toEqual([
      [1, 2, 3],
      [11, 12, 13],
    ]);
    expect(Array.from(executor.read(['w'])['w']!)).toEqual([11, 12, 13]);
    expect(() => executor.write({ v: own })).toThrow('no variable v');
    expect(() => executor.write({ w: new Float32Array(2) })).toThrow('needs 3');
  });

  it('changed in place: what is read later has the new value, what was read before the old', () => {
    const executor = capture(
      programOf(
        ({ tf, variable, inPlace }, { x }) => {
          const before = tf.mul(variable('w'), 1);
          inPlace?.('AssignSubVariableOp', ['w'], [x as Tensor], { dtype: { kind: 'type', value: 'float32' } });
          const between = tf.mul(variable('w'), 1);
          inPlace?.('AssignAddVariableOp', ['w'], [tf.mul(x as Tensor, 3)], {
            dtype: { kind: 'type', value: 'float32' },
          });
          return { before, between, after: tf.mul(variable('w'), 1) };
        },
        { x: float(2) },
        { w: float(2) },
      ),
    );
    executor.write({ w: Float32Array.of(10, 20) });
    for (let round = 0; round < 50; round++) {
      const out = executor.run('step', { x: Float32Array.of(1, 2) });
      const start = [10 + 2 * round, 20 + 4 * round];
      expect([out['before'], out['between'], out['after']].map((values) => Array.from(values!))).toEqual([
        start,
        [start[0]! - 1, start[1]! - 2],
        [start[0]! + 2, start[1]! + 4],
      ]);
    }
  });

  it('thousands of steps leave tensors as they were, and memory does not grow with them', () => {
    const executor = capture(adding());
    executor.write({ w: new Float32Array(3) });
    const x = Float32Array.of(1, 0, -1);
    const counts = (): number[] => [loaded.binding!.getNumOfTensors(), loaded.tf.memory().numTensors];
    for (let step = 0; step < BLOCK; step++) executor.run('step', { x });
    const before = counts();
    const resident: number[] = [];
    for (let block = 0; block < BLOCKS; block++) {
      for (let step = 0; step < BLOCK; step++) executor.run('step', { x });
      globalThis.gc?.();
      resident.push(process.memoryUsage.rss());
    }
    expect(counts()).toEqual(before);
    expect(medianGrowth(resident) / BLOCK, 'bytes a step').toBeLessThan(512);
    expect(executor.read(['w'])['w']![0]).toBe((BLOCKS + 1) * BLOCK);
  });
});

const BLOCKS = 12;
const BLOCK = 500;

/**
 * Returns the median growth of memory from block to block. A garbage collection or another allocator's page changes one
 * difference, but not the median.
 */
function medianGrowth(sizes: number[]): number {
  const growth = sizes.slice(1).map((size, block) => size - sizes[block]!);
  return growth.sort((a, b) => a - b)[growth.length >> 1]!;
}
