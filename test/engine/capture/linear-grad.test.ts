/** The gradients of a linear layer by one op of ours against TensorFlow's op by op, and which nodes of a graph become it. */
import { describe, expect, it } from 'vitest';
import { kernelsUsable } from '../../../src/main/engine/backend/kernels';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { linear } from '../../../src/main/engine/layers/linear';
import type { Context, Program, Tensor } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded } from '../../support/engine';

const ownOps = !engineMissing && loaded.backend !== null && kernelsUsable(loaded.engine, loaded.backend.binding);
type Given = Record<'x' | 'weight' | 'bias' | 'dy', Tensor>;

const shapesOf = (rows: number, ins: number, outs: number): Record<keyof Given, number[]> => ({
  x: [rows, ins],
  weight: [ins, outs],
  bias: [outs],
  dy: [rows, outs],
});

const programOf = (
  shapes: Record<string, number[]>,
  body: (context: Context, given: Given) => Record<string, Tensor>,
): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }])),
      body: (context, given) => body(context, given as Given),
    },
  },
});

/** The op's three results and TensorFlow's, on the same random numbers. */
function results(rows: number, ins: number, outs: number): Record<string, Float32Array> {
  const shapes = shapesOf(rows, ins, outs);
  const program = programOf(shapes, ({ tf, op }, { x, weight, dy }) => {
    const [dx, dweight, dbias] = op('StudioLinearGrad', [x, weight, dy], {}, 3) as [Tensor, Tensor, Tensor];
    const theirs = { tx: tf.matMul(dy, weight, false, true), tweight: tf.matMul(x, dy, true), tbias: tf.sum(dy, 0) };
    return { dx, dweight, dbias, ...theirs };
  });
  const rng = rngOf(7);
  const executor = new EagerExecutor(program, loaded);
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => rng.below(2001) / 1000 - 1);
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, numbers(shape.reduce((product, side) => product * side, 1))]),
  );
  const made = executor.run('run', inputs) as Record<string, Float32Array>;
  executor.dispose();
  return made;
}

describe.skipIf(!ownOps)('StudioLinearGrad', () => {
  it.each([
    // Less than a panel, a strip or a lane; sizes that are none's multiple; several blocks of rows, shares of them, and groups of panels.
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
  const nodesOf = (
    shapes: Record<string, number[]>,
    body: (context: Context, given: Given) => Record<string, Tensor>,
    autocast: string[] = [],
  ): GraphNode[] => {
    const graph = traceProgram(programOf(shapes, body), loaded.tf, loaded.backend!, { kernels: true });
    return applyPasses(graph, passesFor(autocast, { own: true })).nodes;
  };
  const ops = (nodes: readonly GraphNode[]): string[] => nodes.map(({ op }) => op);
  /** y = x w + b, and the gradients that `wanted` names. */
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
    const nodes = nodesOf(shapesOf(64, 16, 24), layer('dx', 'dweight', 'dbias'));
    expect(ops(nodes).filter((op) => op === 'StudioLinearGrad')).toHaveLength(1);
    for (const op of ['MatMul', 'StudioColumnSum']) expect(ops(nodes)).not.toContain(op);
    const made = nodes.find(({ op }) => op === 'StudioLinearGrad');
    expect(made?.outputs.map(({ shape }) => shape)).toEqual([[64, 16], [16, 24], [24]]);
    expect(
      nodes
        .filter(({ op }) => op === 'Neg')
        .map(({ inputs }) => inputs[0])
        .sort(),
    ).toEqual([made!.name, `${made!.name}:1`, `${made!.name}:2`]);
  });

  it('leaves a gradient alone that is the only one, few rows, and products in bfloat16', () => {
    expect(ops(nodesOf(shapesOf(64, 16, 24), layer('dweight', 'dbias')))).not.toContain('StudioLinearGrad');
    expect(ops(nodesOf(shapesOf(64, 16, 24), layer('dx')))).not.toContain('StudioLinearGrad');
    expect(ops(nodesOf(shapesOf(16, 16, 24), layer('dx', 'dweight', 'dbias')))).not.toContain('StudioLinearGrad');
    expect(ops(nodesOf(shapesOf(64, 16, 24), layer('dx', 'dweight', 'dbias'), ['run']))).not.toContain('StudioLinearGrad');
  });
});
