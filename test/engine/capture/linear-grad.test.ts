/**
 * The gradients of a linear layer by one op of ours agree with TensorFlow's separate ops, and the right nodes of a
 * graph are replaced by it.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { linear } from '../../../src/main/engine/layers/linear';
import type { Context, Program, Tensor } from '../../../src/main/engine/types';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { floats, nodesOf, numbersFor, programOf } from './programs';

type Body = (context: Context, given: Given) => Record<string, Tensor>;
type Given = Record<'x' | 'weight' | 'bias' | 'dy', Tensor>;

const shapesOf = (rows: number, ins: number, outs: number): Record<keyof Given, number[]> => ({
  x: [rows, ins],
  weight: [ins, outs],
  bias: [outs],
  dy: [rows, outs],
});

const program = (shapes: Record<string, number[]>, body: Body): Program =>
  programOf((context, given) => body(context, given as Given), floats(shapes));

/** Returns the op's three results and TensorFlow's, for the same random numbers. */
function results(rows: number, ins: number, outs: number): Record<string, Float32Array> {
  const shapes = shapesOf(rows, ins, outs);
  const made = program(shapes, ({ tf, op }, { x, weight, dy }) => {
    const [dx, dweight, dbias] = op('StudioLinearGrad', [x, weight, dy], {}, 3) as [Tensor, Tensor, Tensor];
    const theirs = { tx: tf.matMul(dy, weight, false, true), tweight: tf.matMul(x, dy, true), tbias: tf.sum(dy, 0) };
    return { dx, dweight, dbias, ...theirs };
  });
  const executor = new EagerExecutor(made, loaded);
  const numbers = executor.run('step', numbersFor(shapes, 7)) as Record<string, Float32Array>;
  executor.dispose();
  return numbers;
}

describe.skipIf(!ownOps)('StudioLinearGrad', () => {
  it.each([
    // Some sizes are less than a panel, a strip or a vector, and some are a multiple of none. Others have several
    // blocks of rows, shares and groups of panels.
    [1, 1, 1],
    [5, 3, 16],
    [7, 6, 17],
    [49, 20, 5],
    [257, 33, 150],
    [600, 200, 272],
    [1031, 391, 49],
  ])('%i rows of %i to %i', (rows, ins, outs) => {
    const { dx, dweight, dbias, tx, tweight, tbias } = results(rows, ins, outs) as Record<string, Float32Array>;
    expect(relativeDistance(dx!, tx!)).toBeLessThan(1e-6);
    expect(relativeDistance(dweight!, tweight!)).toBeLessThan(2e-6);
    expect(relativeDistance(dbias!, tbias!)).toBeLessThan(2e-6);
  });
  it('gives the same numbers each time', () => {
    const [once, again] = [results(600, 40, 80), results(600, 40, 80)];
    expect(again).toEqual(once);
  });
});

describe.skipIf(engineMissing)('the pass', () => {
  const nodes = (shapes: Record<string, number[]>, body: Body, autocast: string[] = []): GraphNode[] =>
    nodesOf(program(shapes, body), autocast);
  const ops = (all: readonly GraphNode[]): string[] => all.map(({ op }) => op);
  /** Computes y = x w + b and the gradients that `wanted` names. */
  const layer =
    (...wanted: string[]) =>
    (context: Context, given: Given): Record<string, Tensor> => {
      const { tf } = context;
      const gradients = tf.grads((x: Tensor, weight: Tensor, bias: Tensor) => linear(context, x, weight, bias));
      const [dx, dweight, dbias] = gradients([given.x, given.weight, given.bias], given.dy) as [Tensor, Tensor, Tensor];
      const all: Record<string, Tensor> = { dx, dweight, dbias };
      const y = linear(context, given.x, given.weight, given.bias);
      return { y, ...Object.fromEntries(wanted.map((name) => [name, tf.neg(all[name] as Tensor)])) };
    };

  it('takes all three together', () => {
    const found = nodes(shapesOf(64, 16, 24), layer('dx', 'dweight', 'dbias'));
    expect(ops(found).filter((op) => op === 'StudioLinearGrad')).toHaveLength(1);
    for (const op of ['MatMul', 'StudioColumnSum']) expect(ops(found)).not.toContain(op);
    const made = found.find(({ op }) => op === 'StudioLinearGrad');
    expect(made?.outputs.map(({ shape }) => shape)).toEqual([[64, 16], [16, 24], [24]]);
    expect(
      found
        .filter(({ op }) => op === 'Neg')
        .map(({ inputs }) => inputs[0])
        .sort(),
    ).toEqual([made!.name, `${made!.name}:1`, `${made!.name}:2`]);
  });

  it('leaves a gradient alone that is the only one, few rows, and products in bfloat16', () => {
    expect(ops(nodes(shapesOf(64, 16, 24), layer('dweight', 'dbias')))).not.toContain('StudioLinearGrad');
    expect(ops(nodes(shapesOf(64, 16, 24), layer('dx')))).not.toContain('StudioLinearGrad');
    expect(ops(nodes(shapesOf(16, 16, 24), layer('dx', 'dweight', 'dbias')))).not.toContain('StudioLinearGrad');
    expect(ops(nodes(shapesOf(64, 16, 24), layer('dx', 'dweight', 'dbias'), ['step']))).not.toContain(
      'StudioLinearGrad',
    );
  });
});
