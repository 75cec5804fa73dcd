import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Executor, Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing } from '../../support/engine';
import { capture, float, programOf } from './programs';

const OPS = 1500;
/** The part of a first run that is left of it where its signature was prepared, at most. */
const SHARE = 0.7;
const ROUNDS = 5;

/** Adds x to w. The sum consists of thousands of ops, so that a first run takes long. */
const longWay = (): Program =>
  programOf(
    ({ tf, variable, assign }, { x }) => {
      let sum = variable('w');
      for (let op = 0; op < OPS; op++) sum = tf.add(sum, tf.mul(x as Tensor, 1 / OPS));
      assign('w', sum);
      return { sum: tf.clone(sum) };
    },
    { x: float(2) },
    { w: float(2) },
  );

const started = (): Executor => {
  const executor = capture(longWay());
  executor.write({ w: new Float32Array(2) });
  return executor;
};

const step = (executor: Executor): number => {
  const begun = performance.now();
  executor.run('step', { x: Float32Array.of(1, 2) });
  return performance.now() - begun;
};

const w = (executor: Executor): Float32Array => executor.read(['w'])['w'] as Float32Array;

describe.skipIf(engineMissing)('preparing a signature', () => {
  it('makes its first run shorter, and runs nothing itself', async () => {
    // The quickest of a few rounds counts, because what else the machine does makes each slower.
    const least = { plain: Infinity, prepared: Infinity };
    for (let round = 0; round < ROUNDS && !(least.prepared < SHARE * least.plain); round++) {
      const [plain, prepared] = [started(), started()];
      const first = step(plain);
      prepared.prepare('step');
      await sleep(10 * first);
      expect(Array.from(w(prepared)), 'before a run').toEqual([0, 0]);
      least.plain = Math.min(least.plain, first);
      least.prepared = Math.min(least.prepared, step(prepared));
      expect(w(prepared)).toEqual(w(plain));
    }
    expect(least.prepared).toBeLessThan(SHARE * least.plain);
  }, 60_000);

  it('while steps run, twice, and while the session is closed', () => {
    for (let round = 0; round < 5; round++) {
      const executor = started();
      executor.prepare('step');
      executor.prepare('step');
      if (round % 2) step(executor);
      executor.dispose();
    }
    const [prepared, plain] = [started(), started()];
    prepared.prepare('step');
    for (let count = 0; count < 3; count++) for (const executor of [prepared, plain]) step(executor);
    expect(w(prepared)).toEqual(w(plain));
  }, 120_000);

  it('names a signature that is not there', () => {
    expect(() => started().prepare('march')).toThrow('no signature march');
  });
});
