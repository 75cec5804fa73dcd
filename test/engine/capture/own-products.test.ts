/**
 * Our products with their epilogue agree with TensorFlow's separate ops, and the right nodes of a graph are replaced by
 * them.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { conv2d } from '../../../src/main/engine/layers/conv2d';
import type { Attr, Context, Program, Tensor } from '../../../src/main/engine/types';
import { relativeDistance } from '../../golden/models/expect-close';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { floats, nodesOf, numbersFor, programOf } from './programs';

/**
 * The parts of an epilogue, any of which may be left out. The op reads the inputs of the chosen parts in this order.
 */
const PARTS = ['scale', 'bias', 'add', 'relu'] as const;
type Part = (typeof PARTS)[number];
const CHOICES: Part[][] = [[], ['bias'], ['scale', 'bias', 'relu'], ['bias', 'add'], ['scale', 'bias', 'add', 'relu']];

const attrsOf = (parts: readonly string[]): Record<string, Attr> => ({
  count: { kind: 'int', value: parts.filter((part) => part !== 'relu' && part !== 'gradient').length },
  ...Object.fromEntries([...PARTS, 'gradient'].map((part) => [part, { kind: 'bool', value: parts.includes(part) }])),
});

interface Layer {
  op: 'StudioLinear' | 'StudioConv' | 'StudioWinograd';
  x: number[];
  weight: number[];
}
const resultOf = ({ x, weight }: Layer): number[] => [...x.slice(0, -1), weight.at(-1) as number];

/** Computes TensorFlow's own product. */
const composed = (context: Context, { op }: Layer, x: Tensor, weight: Tensor): Tensor =>
  weight.shape.length === 2
    ? context.tf.matMul(x, weight)
    : conv2d(context, x, weight, { stride: 1, padding: op === 'StudioLinear' ? 0 : 1, training: true });

const shapesOf = (layer: Layer): Record<string, number[]> => {
  const result = resultOf(layer);
  const vector = [result.at(-1) as number];
  return { x: layer.x, weight: layer.weight, scale: vector, bias: vector, add: result, dy: result };
};

/**
 * Builds a program with each choice of parts, by TensorFlow (e0, ...) and by our op (a0, ...), and with the gradient of
 * x.
 */
const program = (layer: Layer): Program =>
  programOf(
    (context, given) => {
      const { tf, op } = context;
      const { x, weight, scale, bias, add, dy } = given as Record<string, Tensor> &
        Record<'x' | 'weight' | 'dy', Tensor>;
      const results: Record<string, Tensor> = {};
      CHOICES.forEach((parts, at) => {
        const has = (part: Part): boolean => parts.includes(part);
        let value = composed(context, layer, x, weight);
        if (has('scale')) value = tf.mul(value, scale as Tensor);
        if (has('bias')) value = tf.add(value, bias as Tensor);
        if (has('add')) value = tf.add(value, add as Tensor);
        results[`e${at}`] = has('relu') ? tf.relu(value) : value;
        const rest = parts.filter((part) => part !== 'relu').map((part) => given[part] as Tensor);
        results[`a${at}`] = op(layer.op, [x, weight, ...rest], attrsOf(parts))[0] as Tensor;
      });
      const backward = tf.grad((image: Tensor) => composed(context, layer, image, weight));
      results['e_gradient'] = backward(x, dy);
      results['a_gradient'] = op(layer.op, [dy, weight], attrsOf(['gradient']))[0] as Tensor;
      return results;
    },
    floats(shapesOf(layer)),
  );

function run(layer: Layer, values: Record<string, Float32Array>): Record<string, Float32Array> {
  const executor = new EagerExecutor(program(layer), loaded);
  const results = executor.run('step', values) as Record<string, Float32Array>;
  executor.dispose();
  return results;
}

function compare(layer: Layer, tolerance: number): void {
  const results = run(layer, numbersFor(shapesOf(layer), 5));
  for (const name of [...CHOICES.keys(), '_gradient'])
    expect(relativeDistance(results[`a${name}`]!, results[`e${name}`]!), String(name)).toBeLessThan(tolerance);
}

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
    compare({ op: 'StudioLinear', x: [rows, depth], weight: [depth, columns] }, 1e-6);
  });
  it('is a convolution of 1 x 1', () => {
    compare({ op: 'StudioLinear', x: [2, 5, 7, 24], weight: [1, 1, 24, 40] }, 1e-6);
  });
});

describe.skipIf(!ownOps)('StudioWinograd', () => {
  it.each([
    [1, 2, 2, 16, 16],
    [1, 1, 1, 16, 32],
    [2, 5, 6, 32, 48],
    [3, 12, 12, 64, 64],
    [2, 7, 7, 256, 128],
    [1, 31, 3, 16, 16],
  ])('%i images of %i x %i, %i to %i channels', (images, height, width, ins, outs) => {
    compare({ op: 'StudioWinograd', x: [images, height, width, ins], weight: [3, 3, ins, outs] }, 2e-6);
  });
  it('lets what is no number be seen behind a ReLU', () => {
    const layer: Layer = { op: 'StudioWinograd', x: [1, 2, 2, 16], weight: [3, 3, 16, 16] };
    const values = Object.entries(numbersFor(shapesOf(layer), 5)).map(([name, array]) => [name, array.fill(NaN)]);
    expect([...(run(layer, Object.fromEntries(values))['a2'] as Float32Array)].every(Number.isNaN)).toBe(true);
  });
});

describe.skipIf(!ownOps)('StudioConv', () => {
  it.each([
    [1, 1, 1, 2, 1],
    [2, 5, 6, 32, 48],
    [1, 31, 3, 16, 20],
    [3, 12, 12, 34, 64],
    [2, 7, 7, 256, 128],
  ])('%i images of %i x %i, %i to %i channels', (images, height, width, ins, outs) => {
    const layer: Layer = { op: 'StudioConv', x: [images, height, width, ins], weight: [3, 3, ins, outs] };
    if (outs % 2 === 0) return compare(layer, 2e-6);
    // The gradient would read an odd number of channels.
    expect(() => compare(layer, 2e-6)).toThrow(/even/);
  });
  it('keeps NaN behind a ReLU', () => {
    const layer: Layer = { op: 'StudioConv', x: [1, 2, 2, 16], weight: [3, 3, 16, 16] };
    const values = Object.entries(numbersFor(shapesOf(layer), 5)).map(([name, array]) => [name, array.fill(NaN)]);
    expect([...(run(layer, Object.fromEntries(values))['a2'] as Float32Array)].every(Number.isNaN)).toBe(true);
  });
});

describe.skipIf(engineMissing)('the pass', () => {
  const opsOf = (
    shapes: Record<string, number[]>,
    body: (context: Context, given: Record<string, Tensor>) => Record<string, Tensor>,
    autocast: string[] = [],
    multipliesHalf = false,
  ): Map<string, Record<string, unknown>> => {
    const made = programOf((context, given) => body(context, given as Record<string, Tensor>), floats(shapes));
    return new Map(
      nodesOf(made, autocast, multipliesHalf).map(({ op, attrs }) => [
        op,
        Object.fromEntries(Object.entries(attrs).map(([name, { value }]) => [name, value])),
      ]),
    );
  };
  const linear = { x: [64, 16], w: [16, 24], bias: [24], trunk: [64, 24] };
  const image = { x: [4, 12, 12, 32], w: [3, 3, 32, 32], scale: [32], shift: [32], skip: [4, 12, 12, 32] };
  type Given = Record<'x' | 'w' | 'bias' | 'trunk' | 'scale' | 'shift' | 'skip' | 'dy', Tensor>;

  it('takes a product and its bias together', () => {
    const ops = opsOf(linear, ({ tf }, given) => {
      const { x, w, bias } = given as Given;
      return { y: tf.add(tf.matMul(x, w), bias) };
    });
    expect(ops.get('StudioLinear')).toMatchObject({ count: 1, bias: true, add: false, gradient: false });
    expect(ops.has('MatMul')).toBe(false);
    expect(ops.has('BiasAdd')).toBe(false);
  });

  it('takes an addition that follows along, if nothing else reads the layer', () => {
    const added = opsOf(linear, ({ tf }, given) => {
      const { x, w, bias, trunk } = given as Given;
      return { y: tf.add(trunk, tf.add(tf.matMul(x, w), bias)) };
    });
    expect(added.get('StudioLinear')).toMatchObject({ count: 2, bias: true, add: true });
    expect(added.has('AddV2')).toBe(false);
    const itself = opsOf(linear, ({ tf }, given) => {
      const { x, w, bias } = given as Given;
      const y = tf.add(tf.matMul(x, w), bias);
      return { y: tf.add(y, y) };
    });
    expect(itself.get('StudioLinear')).toMatchObject({ count: 1, add: false });
    expect(itself.has('AddV2')).toBe(true);
  });

  it('leaves products of few rows, and of transposed matrices', () => {
    const few = opsOf({ ...linear, x: [16, 16] }, ({ tf }, given) => {
      const { x, w, bias } = given as Given;
      return { y: tf.add(tf.matMul(x, w), bias) };
    });
    const turned = opsOf({ ...linear, w: [24, 16] }, ({ tf }, { x, w }) => ({ y: tf.matMul(x!, w!, false, true) }));
    for (const ops of [few, turned]) {
      expect(ops.has('StudioLinear')).toBe(false);
      expect(ops.has('MatMul')).toBe(true);
    }
  });

  it('takes a product alone, without a bias or read by others, in bfloat16 only', () => {
    type Made = (context: Context, given: Record<string, Tensor>) => Record<string, Tensor>;
    const plain: Made = ({ tf }, { x, w }) => ({ y: tf.matMul(x!, w!) });
    const shared: Made = ({ tf }, { x, w, bias }) => {
      const product = tf.matMul(x!, w!);
      return { y: tf.add(product, bias!), product: tf.neg(product) };
    };
    for (const body of [plain, shared]) {
      const half = opsOf(linear, body, ['step'], true);
      expect(half.get('StudioLinear')).toMatchObject({ count: 0, bias: false, half_products: true });
      expect(half.has('MatMul')).toBe(false);
      for (const other of [opsOf(linear, body), opsOf(linear, body, ['step'])])
        expect([other.has('MatMul'), other.has('StudioLinear')]).toEqual([true, false]);
    }
  });

  it('takes a convolution with its norm, the addition and the ReLU, and scales what comes out of it', () => {
    for (const scaled of ['weights', 'results']) {
      const ops = opsOf(image, (context, given) => {
        const { tf } = context;
        const { x, w, scale, shift, skip } = given as Given;
        const y =
          scaled === 'weights'
            ? conv2d(context, x, tf.mul(w, scale), { stride: 1, padding: 1, training: true })
            : tf.mul(conv2d(context, x, w, { stride: 1, padding: 1, training: true }), scale);
        return { y: tf.relu(tf.add(tf.add(y, shift), skip)) };
      });
      expect(ops.get('StudioWinograd')).toMatchObject({ count: 3, scale: true, bias: true, add: true, relu: true });
      for (const gone of ['Conv2D', 'Mul', 'BiasAdd', 'AddV2', 'Relu']) expect(ops.has(gone), gone).toBe(false);
    }
  });

  it('takes the gradient of an image, of 3 x 3 and of 1 x 1', () => {
    for (const [side, op] of [
      [3, 'StudioWinograd'],
      [1, 'StudioLinear'],
    ] as const) {
      const ops = opsOf({ ...image, w: [side, side, 32, 32], dy: [4, 12, 12, 32] }, (context, given) => {
        const { x, w, dy } = given as Given;
        return {
          dx: context.tf.grad((input: Tensor) =>
            conv2d(context, input, w, { stride: 1, padding: (side - 1) / 2, training: true }),
          )(x, dy),
        };
      });
      expect(ops.get(op)).toMatchObject({ count: 0, gradient: true });
      expect(ops.has('Conv2DBackpropInput')).toBe(false);
    }
  });

  it.each([
    ['strides of 2', { ...image }, 2],
    ['channels that fill no strip', { ...image, x: [4, 12, 12, 20], w: [3, 3, 20, 32] }, 1],
    ['few pixels for many weights', { ...image, x: [1, 12, 12, 32] }, 1],
    ['more weights than it pays for', { ...image, x: [4, 12, 12, 512], w: [3, 3, 512, 512] }, 1],
    ['other kernels', { ...image, w: [5, 5, 32, 32] }, 1],
  ])('leaves %s to oneDNN', (_, shapes, stride) => {
    const ops = opsOf(shapes, (context, given) => {
      const { x, w } = given as Given;
      return {
        y: conv2d(context, x, w, { stride, padding: ((w.shape[0] as number) - 1) / 2, training: true }),
      };
    });
    expect(ops.has('Conv2D')).toBe(true);
    expect(ops.has('StudioWinograd')).toBe(false);
  });

  it('takes a convolution in bfloat16 where our ops multiply it, and leaves it to oneDNN elsewhere', () => {
    const body = (context: Context, given: Record<string, Tensor>): Record<string, Tensor> => {
      const { x, w } = given as Given;
      return { y: conv2d(context, x, w, { stride: 1, padding: 1, training: true }) };
    };
    const taken = opsOf(image, body, ['step'], true);
    expect(taken.get('StudioConv')).toMatchObject({ half_products: true });
    const left = opsOf(image, body, ['step']);
    const narrow = opsOf({ ...image, x: [4, 12, 12, 20], w: [3, 3, 20, 32] }, body, ['step'], true);
    for (const ops of [left, narrow]) expect(ops.has('Conv2D')).toBe(true);
    for (const ops of [taken, left, narrow]) expect(ops.has('StudioWinograd')).toBe(false);
  });
});
