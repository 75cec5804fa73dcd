/** Runs that are handed over: their order, which memory is read when, errors, and what remains where nobody waits. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../../src/main/engine/backend/node-backend';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { encodeSavedModel } from '../../../src/main/engine/capture/encode';
import { CapturedExecutor } from '../../../src/main/engine/capture/session';
import { storeGraph } from '../../../src/main/engine/capture/cache';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import type { Attr, DType, Executor, PendingRun, Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded } from '../../support/engine';
import { loadWaitingOp } from '../../support/waiting/waiting-op';
import { waitingProgram } from '../../support/waiting/waiting-program';
import { newCache, programOf } from './programs';

const PIXELS = 1 << 16;

const type = (value: DType): Attr => ({ kind: 'type', value });
const GATHER: Record<string, Attr> = {
  ...{ Tparams: type('float32'), Tindices: type('int32'), Taxis: type('int32') },
  batch_dims: { kind: 'int', value: 0 },
};

/**
 * w becomes 2 w + table[at], with table = [1, 2]. The sum of the bytes is returned, too. Any other `at` fails the run.
 */
const doubling = (): Program =>
  programOf(
    ({ tf, op, variable, assign }, { at, images }) => {
      const added = op('GatherV2', [tf.tensor1d([1, 2]), at as Tensor, tf.scalar(0, 'int32')], GATHER)[0] as Tensor;
      assign('w', tf.add(tf.mul(variable('w'), 2), added));
      return { w: tf.clone(variable('w')), bytes: tf.sum(tf.cast(images as Tensor, 'float32')) };
    },
    { at: { shape: [1], dtype: 'int32' }, images: { shape: [PIXELS], dtype: 'uint8' } },
    { w: { shape: [1], dtype: 'float32' } },
  );

/** Opens an executor. @param binding null for the addon's own */
function captured(binding: Binding | null = null): Executor {
  const { tf, backend } = loaded;
  if (!backend) throw new Error('There is no engine to trace for.');
  const { nodes, signatures, variables } = traceProgram(doubling(), tf, backend);
  const manifest = { signatures, variables };
  const { folder } = storeGraph(newCache(), 'doubling', encodeSavedModel({ nodes, signatures }), manifest);
  return new CapturedExecutor(binding ?? backend.binding, folder, manifest);
}

/** Returns the addon as tfjs-node publishes it, without our sessions. */
const asPublished = (): Binding => Object.create(loaded.binding, { openSession: { value: undefined } }) as Binding;

const images = (value: number): Uint8Array => new Uint8Array(PIXELS).fill(value);

/** Returns bytes that begin where TensorFlow can read them without a copy. */
function alignedImages(value: number): Uint8Array {
  const room = new Uint8Array(new SharedArrayBuffer(PIXELS + 64));
  const past = loaded.binding?.bytesPastAlignment?.(room) ?? 0;
  return room.subarray((64 - past) % 64, ((64 - past) % 64) + PIXELS).fill(value);
}

describe.skipIf(engineMissing).each([
  ['captured', () => captured()],
  ['captured on the published addon', () => captured(asPublished())],
  ['eager', () => new EagerExecutor(doubling(), loaded)],
])('an executor that is %s', (_, make) => {
  const begun = (): Executor => {
    const executor = make();
    executor.write({ w: Float32Array.of(1) });
    return executor;
  };
  const start = (executor: Executor, at: number, bytes = images(1)): PendingRun =>
    executor.start('step', { at: Int32Array.of(at), images: bytes });

  it('runs what it is handed in that order, whatever the order of waiting', () => {
    const executor = begun();
    const pending = [0, 1, 0, 1].map((at) => start(executor, at));
    const results = pending.reverse().map((run) => run.wait().outputs['w']?.[0]);
    // 2 * 1 + 1 = 3, 2 * 3 + 2 = 8, 17, 36.
    expect(results).toEqual([36, 17, 8, 3]);
    executor.dispose();
  });

  it('reads and writes variables behind the runs that were handed over before', () => {
    const executor = begun();
    start(executor, 0);
    start(executor, 1);
    expect(executor.read(['w'])['w']).toEqual(Float32Array.of(8));
    start(executor, 0);
    executor.write({ w: Float32Array.of(10) });
    expect(start(executor, 1).wait().outputs['w']).toEqual(Float32Array.of(22));
    executor.dispose();
  });

  it('gives what went wrong to whoever waits for that run, and the others are as they were', () => {
    const executor = begun();
    const [before, wrong, after] = [0, 7, 1].map((at) => start(executor, at)) as [PendingRun, PendingRun, PendingRun];
    expect(before.wait().outputs['w']).toEqual(Float32Array.of(3));
    expect(() => wrong.wait()).toThrow(/indices\[0\] = 7 is not in \[0, 2\)/);
    expect(after.wait().outputs['w']).toEqual(Float32Array.of(8));
    expect(() => executor.run('step', { at: Int32Array.of(7), images: images(1) })).toThrow(/indices\[0\] = 7/);
    executor.dispose();
  });

  it('refuses wrong inputs at once', () => {
    const executor = begun();
    expect(() => executor.start('march', {})).toThrow('no signature march');
    expect(() => executor.start('step', { at: Int32Array.of(0) })).toThrow('input images is missing');
    executor.dispose();
  });

  it('gives the same whether the bytes are aligned or not', () => {
    const executor = begun();
    for (const bytes of [images(3), alignedImages(3)])
      expect(start(executor, 0, bytes).wait().outputs['bytes']).toEqual(Float32Array.of(3 * PIXELS));
    executor.dispose();
  });

  it('may be disposed of with runs that nobody has waited for', () => {
    const executor = begun();
    for (let run = 0; run < 5; run++) start(executor, 0, alignedImages(1));
    executor.dispose();
  });
});

const waitMissing = engineMissing ?? loadWaitingOp();

describe.skipIf(waitMissing)('a device that is busy', () => {
  const MILLISECONDS = 60;
  const ROUNDS = 4;
  const busy = (): CapturedExecutor =>
    waitingProgram(
      {
        step: {
          inputs: { images: { shape: [PIXELS], dtype: 'uint8' } },
          outputs: { loss: [], row: [1, 2] },
          milliseconds: MILLISECONDS,
        },
      },
      newCache(),
    );

  /** What three runs that are handed over at once take, in milliseconds. */
  const threeRuns = (executor: CapturedExecutor): { handedOver: number; idle: number; idleBefore: number } => {
    const begun = performance.now();
    const pending = [0, 1, 2].map((value) => executor.start('step', { images: alignedImages(value) }));
    const handedOver = performance.now() - begun;
    const finished = pending.map((run) => run.wait());
    const results = finished.map(({ outputs }) => outputs);
    expect(performance.now() - begun).toBeGreaterThan(3 * MILLISECONDS);
    expect(results[0]).toMatchObject({ loss: Float32Array.of(1), row: Float32Array.of(1, 1) });
    const times = results.map((result) => Array.from(result['times'] as Int32Array) as [number, number]);
    const idle = [1, 2].map((index) => ((times[index]?.[0] ?? NaN) - (times[index - 1]?.[1] ?? NaN)) / 1000);
    const others = finished.slice(1);
    for (const { milliseconds } of others) expect(milliseconds).toBeGreaterThanOrEqual(MILLISECONDS);
    return { handedOver, idle: Math.max(...idle), idleBefore: Math.max(...others.map((run) => run.idleBefore)) };
  };

  it('leaves the host free, and has its next run at once', () => {
    const executor = busy();
    executor.run('step', { images: images(0) });
    // The best of a few rounds counts, because what else the machine does can only make it worse.
    const rounds = Array.from({ length: ROUNDS }, () => threeRuns(executor));
    const best = (key: 'handedOver' | 'idle' | 'idleBefore'): number => Math.min(...rounds.map((round) => round[key]));
    expect(best('handedOver'), 'ms to hand three runs over').toBeLessThan(MILLISECONDS / 2);
    expect(best('idle'), 'ms that the device was idle').toBeLessThan(20);
    expect(best('idleBefore')).toBeLessThan(20);
    executor.dispose();
  });

  it('says how long it had nothing to do', () => {
    const executor = busy();
    executor.run('step', { images: images(0) });
    const until = performance.now() + 50;
    while (performance.now() < until);
    expect(executor.start('step', { images: images(0) }).wait().idleBefore).toBeGreaterThanOrEqual(45);
    executor.dispose();
  });

  it('is waited for where it is disposed of', () => {
    const took = Array.from({ length: ROUNDS }, () => {
      const executor = busy();
      executor.run('step', { images: images(0) });
      const begun = performance.now();
      for (let run = 0; run < 3; run++) executor.start('step', { images: images(0) });
      executor.dispose();
      return performance.now() - begun;
    });
    // Only the run that had begun is waited for; later ones never begin.
    expect(Math.min(...took)).toBeLessThan(2.5 * MILLISECONDS);
  });
});

describe.skipIf(waitMissing)('a process that exits while a run is at work', () => {
  it.each(['exit', 'end', 'throw'])('by %s ends as it should', (how) => {
    const program = join(import.meta.dirname, 'exit-while-running.ts');
    const runner = join(import.meta.dirname, '..', '..', 'bench', 'support', 'run-typescript.mjs');
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [runner, program, how, newCache()], {
      ...{ encoding: 'utf8', timeout: 60_000 },
    });
    expect({ status, signal, started: stdout.includes('started') }, stderr).toEqual({
      status: how === 'throw' ? 1 : 0,
      signal: null,
      started: true,
    });
  });
});
