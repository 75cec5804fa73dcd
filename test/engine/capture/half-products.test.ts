/**
 * Our products in bfloat16 agree with TensorFlow's float32 products of numbers that were rounded to bfloat16 before,
 * and the right nodes of a graph are replaced by them.
 */
import { describe, expect, it } from 'vitest';
import { multipliesHalf } from '../../../src/main/engine/backend/kernels';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { int } from '../../../src/main/engine/layers/attrs';
import { conv2d } from '../../../src/main/engine/layers/conv2d';
import { linear } from '../../../src/main/engine/layers/linear';
import type { Attr, Context, Program, Tensor } from '../../../src/main/engine/types';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { floats, nodesOf, numbersFor, programOf } from './programs';

// On other processors, no graph requests such products.
const half = ownOps && multipliesHalf(loaded.engine);

type Tensors = Record<string, Tensor>;
type Body = (context: Context, given: Tensors) => Tensors;

const program = (shapes: Record<string, number[]>, body: Body): Program =>
  programOf((context, given) => body(context, given as Tensors), floats(shapes));

const HALF: Attr = { kind: 'bool', value: true };

/** Rounds to the nearest bfloat16, ties to even. */
function rounded(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  return new Float32Array(bits.map((bit) => ((bit + 0x7fff + ((bit >>> 16) & 1)) & 0xffff0000) >>> 0).buffer);
}

/**
 * Runs a body on random numbers, and on the same numbers rounded. Inputs in `exact` belong to a product's epilogue, and
 * are not rounded.
 */
function run(shapes: Record<string, number[]>, body: Body, exact: string[] = []): [Arrays, Arrays] {
  const given = Object.entries(numbersFor(shapes, 11));
  const executor = new EagerExecutor(program(shapes, body), loaded);
  const of = (change: (values: Float32Array) => Float32Array): Arrays =>
    executor.run(
      'step',
      Object.fromEntries(given.map(([name, values]) => [name, exact.includes(name) ? values : change(values)])),
    ) as Arrays;
  const results: [Arrays, Arrays] = [of((values) => values), of(rounded)];
  executor.dispose();
  return results;
}
type Arrays = Record<string, Float32Array>;

/**
 * Expects our results for the exact numbers to equal TensorFlow's for the rounded numbers, but not TensorFlow's for the
 * exact ones.
 */
function expectHalf(ours: Float32Array, theirs: Float32Array, float32: Float32Array): void {
  expect(relativeDistance(ours, theirs)).toBeLessThan(2e-6);
  expect(relativeDistance(ours, float32)).toBeGreaterThan(3e-4);
}

describe.skipIf(!half)('products in bfloat16', () => {
  it.each([
    // The shapes have odd depths, fewer columns than a strip, rows that fill no tile, and several blocks.
    [1, 3, 2],
    [33, 17, 5],
    [64, 48, 40],
    [70, 31, 18],
    [500, 129, 100],
  ])('StudioLinear of %i rows, %i to %i, and its gradient', (rows, ins, outs) => {
    const shapes = { x: [rows, ins], weight: [ins, outs], bias: [outs], dy: [rows, outs] };
    const attrs = (gradient: boolean): Record<string, Attr> => ({
      ...{
        count: int(gradient ? 0 : 1),
        bias: { kind: 'bool', value: !gradient },
        gradient: { kind: 'bool', value: gradient },
        half_products: HALF,
      },
      ...Object.fromEntries(['scale', 'add', 'relu'].map((part) => [part, { kind: 'bool', value: false } as const])),
    });
    const [own, reference] = run(
      shapes,
      ({ tf, op }, { x, weight, bias, dy }) => ({
        y: op('StudioLinear', [x, weight, bias] as Tensor[], attrs(false))[0] as Tensor,
        dx: op('StudioLinear', [dy, weight] as Tensor[], attrs(true))[0] as Tensor,
        ty: tf.add(tf.matMul(x as Tensor, weight as Tensor), bias as Tensor),
        tx: tf.matMul(dy as Tensor, weight as Tensor, false, true),
      }),
      ['bias'],
    );
    expectHalf(own['y']!, reference['ty']!, own['ty']!);
    expectHalf(own['dx']!, reference['tx']!, own['tx']!);
  });

  it.each([
    [33, 1, 1],
    [49, 20, 5],
    [257, 33, 150],
    [600, 200, 272],
    [1031, 391, 49],
  ])('StudioLinearGrad of %i rows, %i to %i; the bias’s sum is exact', (rows, ins, outs) => {
    const shapes = { x: [rows, ins], weight: [ins, outs], dy: [rows, outs] };
    const [own, reference] = run(shapes, ({ tf, op }, { x, weight, dy }) => {
      const [dx, dweight, dbias] = op('StudioLinearGrad', [x, weight, dy] as Tensor[], { half_products: HALF }, 3) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const theirs = {
        tx: tf.matMul(dy as Tensor, weight as Tensor, false, true),
        tweight: tf.matMul(x as Tensor, dy as Tensor, true),
      };
      return { dx, dweight, dbias, ...theirs, tbias: tf.sum(dy as Tensor, 0) };
    });
    expectHalf(own['dx']!, reference['tx']!, own['tx']!);
    expectHalf(own['dweight']!, reference['tweight']!, own['tweight']!);
    expect(relativeDistance(own['dbias']!, own['tbias']!)).toBeLessThan(2e-6);
  });

  it.each([
    [2, 4, 2, 3],
    [16, 20, 40, 5],
    [64, 48, 7, 12],
    [34, 150, 31, 2],
  ])('StudioConv, %i channels to %i, images of %i x %i, and its gradient', (ins, outs, height, width) => {
    const shapes = {
      ...{ x: [3, height, width, ins], weight: [3, 3, ins, outs] },
      ...{ bias: [outs], dy: [3, height, width, outs] },
    };
    const attrs = (gradient: boolean): Record<string, Attr> => ({
      ...{ count: int(gradient ? 0 : 1), bias: { kind: 'bool', value: !gradient } },
      ...{ gradient: { kind: 'bool', value: gradient }, half_products: HALF },
      ...Object.fromEntries(['scale', 'add', 'relu'].map((part) => [part, { kind: 'bool', value: false } as const])),
    });
    const [own, reference] = run(
      shapes,
      (context, { x, weight, bias, dy }) => {
        const { tf, op } = context;
        const theirs = (image: Tensor): Tensor =>
          conv2d(context, image, weight as Tensor, { stride: 1, padding: 1, training: true });
        return {
          y: op('StudioConv', [x, weight, bias] as Tensor[], attrs(false))[0] as Tensor,
          dx: op('StudioConv', [dy, weight] as Tensor[], attrs(true))[0] as Tensor,
          ty: tf.add(theirs(x as Tensor), bias as Tensor),
          tx: tf.grad(theirs)(x as Tensor, dy as Tensor),
        };
      },
      ['bias'],
    );
    expectHalf(own['y']!, reference['ty']!, own['ty']!);
    expectHalf(own['dx']!, reference['tx']!, own['tx']!);
  });

  it.each([
    [1, 1, 64, 48, 5],
    [3, 1, 64, 64, 7],
    [3, 2, 19, 21, 9],
    [5, 1, 140, 150, 4],
  ])('StudioConvWeightGrad, sides of %i, stride %i, %i channels to %i', (kernel, stride, ins, outs, side) => {
    const same = stride === 1;
    const out = same ? side : Math.floor((side - kernel) / stride) + 1;
    const attrs = {
      height: int(kernel),
      width: int(kernel),
      stride: int(stride),
      padding: int(same ? (kernel - 1) / 2 : 0),
    };
    const theirs: Record<string, Attr> = {
      T: { kind: 'type', value: 'float32' },
      strides: int([1, stride, stride, 1]),
      dilations: int([1, 1, 1, 1]),
      padding: { kind: 'string', value: same ? 'SAME' : 'VALID' },
      data_format: { kind: 'string', value: 'NHWC' },
    };
    const [own, reference] = run({ x: [3, side, side, ins], dy: [3, out, out, outs] }, ({ tf, op }, { x, dy }) => ({
      dweight: op('StudioConvWeightGrad', [x, dy] as Tensor[], { ...attrs, half_products: HALF })[0] as Tensor,
      theirs: op(
        'Conv2DBackpropFilter',
        [x, tf.tensor1d([kernel, kernel, ins, outs], 'int32'), dy] as Tensor[],
        theirs,
      )[0] as Tensor,
    }));
    expectHalf(own['dweight']!, reference['theirs']!, own['theirs']!);
  });
});

describe.skipIf(engineMissing)('which products are in bfloat16', () => {
  /** Lists a graph's ops, and for ours whether they are in bfloat16. */
  function madeOf(
    shapes: Record<string, number[]>,
    body: Body,
    autocast: string[],
    multiplies: boolean,
  ): [string, unknown][] {
    const nodes = nodesOf(program(shapes, body), autocast, multiplies);
    const products = nodes.filter(({ op }) => /MatMul|Conv2D|StudioLinear|StudioConv|StudioWinograd/.test(op));
    return products
      .map(({ op, attrs, outputs }): [string, unknown] => [op, attrs['half_products']?.value ?? outputs[0]?.dtype])
      .sort();
  }
  const layer: Body = (context, { x, weight, bias, dy }) => {
    const gradients = context.tf.grads((x: Tensor, weight: Tensor, bias: Tensor) => linear(context, x, weight, bias));
    const [dx, dweight, dbias] = gradients([x, weight, bias] as Tensor[], dy) as [Tensor, Tensor, Tensor];
    return { y: linear(context, x as Tensor, weight as Tensor, bias as Tensor), dx, dweight, dbias };
  };
  const sides = { x: [64, 16], weight: [16, 24], bias: [24], dy: [64, 24] };

  it('a linear layer’s, by our ops where they multiply it', () => {
    expect(madeOf(sides, layer, ['step'], true)).toEqual([
      ['StudioLinear', true],
      ['StudioLinearGrad', true],
    ]);
    expect(madeOf(sides, layer, [], true)).toEqual([
      ['StudioLinear', false],
      ['StudioLinearGrad', false],
    ]);
    const others = madeOf(sides, layer, ['step'], false);
    expect(new Set(others.map(([op]) => op))).toEqual(new Set(['MatMul']));
    expect(new Set(others.map(([, dtype]) => dtype))).toEqual(new Set(['bfloat16']));
  });
  it('3 x 3 convolutions’, by our ops where they multiply it', () => {
    const image = { x: [4, 12, 12, 32], weight: [3, 3, 32, 32], dy: [4, 12, 12, 32] };
    const body: Body = (context, { x, weight, dy }) => {
      const gradients = context.tf.grads((x: Tensor, weight: Tensor) =>
        conv2d(context, x, weight, { stride: 1, padding: 1, training: true }),
      );
      const [, dweight] = gradients([x, weight] as Tensor[], dy) as [Tensor, Tensor];
      return { y: conv2d(context, x as Tensor, weight as Tensor, { stride: 1, padding: 1, training: true }), dweight };
    };
    expect(madeOf(image, body, ['step'], true)).toEqual([
      ['StudioConv', true],
      ['StudioConvWeightGrad', true],
    ]);
    const others = madeOf(image, body, ['step'], false);
    expect(new Set(others.map(([op]) => op))).toEqual(new Set(['Conv2D', 'Conv2DBackpropFilter']));
  });
  it('not those with a constant matrix', () => {
    const body: Body = ({ tf, constant }, { x }) => ({
      y: tf.add(
        tf.matMul(
          x as Tensor,
          constant(
            Float32Array.from({ length: 16 * 24 }, (_, at) => Math.sqrt(at)),
            [16, 24],
            'float32',
          ),
        ),
        tf.zeros([24]),
      ),
    });
    for (const [, dtype] of madeOf({ x: [64, 16] }, body, ['step'], true)) expect([false, 'float32']).toContain(dtype);
  });
});
