import { describe, expect, it } from 'vitest';
import type { Context, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded } from '../../support/engine';
import { capture, float, programOf } from './programs';

const { tf } = loaded;

/** Expects an error when `body` is traced; the error matches `what` and names this file. */
function refuses(body: (context: Context, x: Tensor) => Tensor, what: RegExp, named = true): void {
  const before = { tensors: tf.memory().numTensors, random: Math.random, now: Date.now };
  const program = programOf(
    (context, { x }) => ({ y: body(context, x as Tensor) }),
    { x: float(2, 3) },
    { w: float(3) },
  );
  expect(() => capture(program)).toThrow(what);
  if (named) expect(() => capture(program)).toThrow(/guards\.test\.ts/);
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before.tensors);
  expect([Math.random, Date.now], 'patched functions left behind').toEqual([before.random, before.now]);
}

describe.skipIf(engineMissing)('what would be frozen into the graph throws and names the place', () => {
  it('a host read', () => refuses((_, x) => (x.dataSync(), x), /read on the host/));
  it('a host read by array()', () => refuses((_, x) => (x.sum().arraySync(), x), /read on the host/));
  it('Math.random', () => refuses(({ tf: t }, x) => t.mul(x, Math.random()), /Math\.random/));
  it('Date.now', () => refuses(({ tf: t }, x) => t.mul(x, Date.now()), /Date\.now/));
  it('performance.now', () => refuses(({ tf: t }, x) => t.mul(x, performance.now()), /performance\.now/));
  it('a seeded draw of tfjs', () =>
    refuses(({ tf: t }, x) => t.add(x, t.randomNormal([2, 3], 0, 1, 'float32', 7)), /tf\.randomNormal/));
  it('dropout of tfjs', () => refuses(({ tf: t }, x) => t.dropout(x, 0.5), /tf\.dropout/));
  it('a tensor from outside', () => {
    const outside = tf.tensor([1, 2, 3]);
    refuses(({ tf: t }, x) => t.add(x, outside), /made before the trace/);
    outside.dispose();
  });
  it('an op result from outside', () => {
    const outside = tf.tidy(() => tf.square(tf.tensor([1, 2, 3])));
    refuses(({ tf: t }, x) => t.add(x, outside), /made before the trace/);
    outside.dispose();
  });
  it('a large literal that is not declared', () =>
    refuses(
      ({ tf: t }, x) => t.add(x, t.sum(t.tensor1d(Float32Array.from({ length: 5000 }, (_, i) => i)))),
      /literal of shape \[5000\]/,
    ));
  it('a variable that is not declared', () =>
    refuses(({ variable, tf: t }, x) => t.add(x, variable('missing')), /no variable missing/, false));
  it('a variable made in the step', () =>
    refuses(({ tf: t }, x) => t.add(x, t.variable(t.zeros([3]))), /creates variables/, false));
  it('an op without a shape function', () =>
    refuses(
      ({ op }, x) => op('Betainc', [x, x, x], { T: { kind: 'type', value: 'float32' } })[0] as Tensor,
      /no shape function for Betainc/,
      false,
    ));
});

describe.skipIf(engineMissing)('inputs of a captured step', () => {
  const executor = capture(programOf(({ tf: t }, { x }) => ({ y: t.mul(x as Tensor, 2) }), { x: float(2, 2) }));
  it('runs', () =>
    expect(Array.from(executor.run('step', { x: Float32Array.of(1, 2, 3, 4) })['y']!)).toEqual([2, 4, 6, 8]));
  it('missing', () => expect(() => executor.run('step', {})).toThrow('input x is missing'));
  it('of another length', () =>
    expect(() => executor.run('step', { x: new Float32Array(3) })).toThrow('has 3 values, [2, 2] needs 4'));
  it('of another type', () =>
    expect(() => executor.run('step', { x: new Int32Array(4) })).toThrow('it has to be Float32Array'));
  it('unknown', () =>
    expect(() => executor.run('step', { x: new Float32Array(4), z: new Float32Array(1) })).toThrow('no input z'));
  it('in shared memory', () => {
    const shared = new Float32Array(new SharedArrayBuffer(16));
    shared.set([5, 6, 7, 8]);
    expect(Array.from(executor.run('step', { x: shared })['y']!)).toEqual([10, 12, 14, 16]);
  });
});
