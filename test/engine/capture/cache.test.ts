import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded } from '../../support/engine';
import { capture, float, newCache, programOf } from './programs';

/** w += x, and what it was. */
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
          inPlace?.('AssignAddVariableOp', ['w'], [tf.mul(x as Tensor, 3)], { dtype: { kind: 'type', value: 'float32' } });
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

  it('a thousand steps leave tensors and memory as they were', () => {
    const executor = capture(adding());
    executor.write({ w: new Float32Array(3) });
    const x = Float32Array.of(1, 0, -1);
    for (let step = 0; step < 50; step++) executor.run('step', { x });
    const before = {
      tensors: loaded.binding!.getNumOfTensors(),
      own: loaded.tf.memory().numTensors,
      rss: process.memoryUsage.rss(),
    };
    for (let step = 0; step < 1000; step++) executor.run('step', { x });
    expect(loaded.binding!.getNumOfTensors()).toBe(before.tensors);
    expect(loaded.tf.memory().numTensors).toBe(before.own);
    expect((process.memoryUsage.rss() - before.rss) / 2 ** 20).toBeLessThan(20);
    expect(executor.read(['w'])['w']![0]).toBe(1050);
  });
});
