/** Our forward pass of linear layers against TensorFlow's product and sum, and which nodes of a graph become it. */
import { describe, expect, it } from 'vitest';
import { kernelsUsable } from '../../../src/main/engine/backend/kernels';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import type { Program, Tensor } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded } from '../../support/engine';

interface Sides {
  rows: number;
  depth: number;
  columns: number;
}

const inputsOf = ({ rows, depth, columns }: Sides) =>
  ({
    x: { shape: [rows, depth], dtype: 'float32' },
    w: { shape: [depth, columns], dtype: 'float32' },
    bias: { shape: [columns], dtype: 'float32' },
    trunk: { shape: [rows, columns], dtype: 'float32' },
  }) as const;

const program = (sides: Sides): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: inputsOf(sides),
      body: ({ tf, op }, { x, w, bias, trunk }) => ({
        expected: tf.add(tf.matMul(x as Tensor, w as Tensor), bias as Tensor),
        actual: op('StudioLinear', [x as Tensor, w as Tensor, bias as Tensor], {})[0] as Tensor,
        added: op('StudioLinearAdd', [x as Tensor, w as Tensor, bias as Tensor, trunk as Tensor], {})[0] as Tensor,
      }),
    },
  },
});

type Use = 'alone' | 'shared' | 'added' | 'added to itself';

/** y = x w + bias; `shared`: the product is a result of its own too. */
const layer = (sides: Sides, use: Use = 'alone'): Program => ({
  variables: {},
  signatures: {
    run: {
      inputs: inputsOf(sides),
      body: ({ tf }, { x, w, bias, trunk }) => {
        const product = tf.matMul(x as Tensor, w as Tensor);
        const y = tf.add(product, bias as Tensor);
        if (use === 'shared') return { y, product: tf.neg(product) };
        if (use === 'added to itself') return { y: tf.add(y, y) };
        return { y: use === 'added' ? tf.add(trunk as Tensor, y) : y };
      },
    },
  },
});

const ownOps = !engineMissing && loaded.backend !== null && kernelsUsable(loaded.engine, loaded.backend.binding);

describe.skipIf(!ownOps)('StudioLinear', () => {
  it.each([
    [1, 1, 1],
    [5, 3, 16],
    [6, 7, 17],
    [32, 192, 64],
    [49, 20, 5],
    [121, 33, 150],
    [600, 40, 272],
  ])('%i rows of %i to %i', (rows, depth, columns) => {
    const sides = { rows, depth, columns };
    const rng = rngOf(5);
    const values = Object.fromEntries(
      Object.entries(inputsOf(sides)).map(([name, { shape }]) => [
        name,
        Float32Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => rng.below(2001) / 1000 - 1),
      ]),
    );
    const executor = new EagerExecutor(program(sides), loaded);
    const { expected, actual, added } = executor.run('run', values) as Record<string, Float32Array>;
    executor.dispose();
    expect(relativeDistance(actual!, expected!)).toBeLessThan(1e-6);
    const sum = expected!.map((value, at) => value + values['trunk']![at]!);
    expect(relativeDistance(added!, sum)).toBeLessThan(1e-6);
  });
});

describe.skipIf(engineMissing)('the pass', () => {
  const opsOf = (made: Program): string[] => {
    const { tf, backend } = loaded;
    const graph = traceProgram(made, tf, backend!, { kernels: true });
    return applyPasses(graph, passesFor([], true)).nodes.map(({ op }) => op);
  };

  it('takes a product and its bias together', () => {
    const ops = opsOf(layer({ rows: 64, depth: 16, columns: 24 }));
    expect(ops).toContain('StudioLinear');
    expect(ops).not.toContain('MatMul');
    expect(ops).not.toContain('BiasAdd');
  });

  it('takes an addition that follows along, if nothing else reads the layer', () => {
    const sides = { rows: 64, depth: 16, columns: 24 };
    expect(opsOf(layer(sides, 'added'))).toContain('StudioLinearAdd');
    expect(opsOf(layer(sides, 'added'))).not.toContain('AddV2');
    expect(opsOf(layer(sides, 'added to itself'))).toEqual(expect.arrayContaining(['StudioLinear', 'AddV2']));
  });

  it('leaves products of few rows, and such as others read', () => {
    expect(opsOf(layer({ rows: 16, depth: 16, columns: 24 }))).not.toContain('StudioLinear');
    expect(opsOf(layer({ rows: 64, depth: 16, columns: 24 }, 'shared'))).not.toContain('StudioLinear');
  });
});
