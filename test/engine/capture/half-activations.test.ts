/**
 * Activations in bfloat16 between our ops: which activations these are, and that an op with bfloat16 inputs gives
 * exactly the rounded results of the same numbers in float32. kernel-forms.test.ts compares the ops in float32 with
 * numpy.
 */
import { describe, expect, it } from 'vitest';
import { multipliesHalf } from '../../../src/main/engine/backend/kernels';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { encodeSavedModel } from '../../../src/main/engine/capture/encode';
import { isControl, type Graph, type GraphAttr, type GraphNode } from '../../../src/main/engine/capture/graph';
import { storeGraph } from '../../../src/main/engine/capture/cache';
import { HALF_ENDS } from '../../../src/main/engine/capture/passes/half-activations';
import { CapturedExecutor } from '../../../src/main/engine/capture/session';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { flag, int } from '../../../src/main/engine/layers/attrs';
import { gelu } from '../../../src/main/engine/layers/gelu';
import { conv2d } from '../../../src/main/engine/layers/conv2d';
import { layerNorm } from '../../../src/main/engine/layers/layer-norm';
import { linear } from '../../../src/main/engine/layers/linear';
import { windowAttention } from '../../../src/main/engine/layers/window-attention';
import { withGradient } from '../../../src/main/engine/layers/with-gradient';
import type { Attr, Context, Program, Tensor } from '../../../src/main/engine/types';
import { engineMissing, loaded, ownOps } from '../../support/engine';
import { floats, newCache, nodesOf, numbersFor, programOf } from './programs';

type Shapes = Record<string, number[]>;
type Tensors = Record<string, Tensor>;
type Body = (context: Context, given: Tensors) => Tensors;

const program = (shapes: Shapes, body: Body): Program =>
  programOf((context, given) => body(context, given as Tensors), floats(shapes));

/** Rounds to the nearest bfloat16, ties to even. */
function rounded(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  return new Float32Array(bits.map((bit) => ((bit + 0x7fff + ((bit >>> 16) & 1)) & 0xffff0000) >>> 0).buffer);
}

const type = (value: 'float32' | 'bfloat16'): GraphAttr => ({ kind: 'type', value });
const cast = (name: string, input: string, to: 'float32' | 'bfloat16', shape: readonly number[]): GraphNode => ({
  ...{ name, op: 'Cast', inputs: [input], outputs: [{ shape, dtype: to }] },
  attrs: {
    SrcT: type(to === 'float32' ? 'bfloat16' : 'float32'),
    DstT: type(to),
    Truncate: { kind: 'bool', value: false },
  },
});

/** Returns the graph in which every input and output of our ops that can be bfloat16 is so, between casts. */
function halved({ nodes, signatures, variables }: Graph): Graph {
  const renamed = new Map<string, string>();
  const full = (ref: string): string => (ref.includes(':') || isControl(ref) ? ref : `${ref}:0`);
  const moved = (ref: string): string => renamed.get(full(ref)) ?? ref;
  const shapes = new Map(
    nodes.flatMap(({ name, outputs }) => outputs.map(({ shape }, at) => [`${name}:${at}`, shape])),
  );
  const changed = nodes.flatMap((node): GraphNode[] => {
    const inputs = node.inputs.map(moved);
    const ends = HALF_ENDS[node.op];
    if (!ends) return [{ ...node, inputs }];
    const made: GraphNode[] = [];
    const types = { ...node.attrs };
    for (const [at, attr] of Object.entries(ends.inputs).map(([at, attr]) => [Number(at), attr] as const)) {
      const name = `${node.name}/in${at}`;
      made.push(cast(name, inputs[at]!, 'bfloat16', shapes.get(full(node.inputs[at]!)) ?? []));
      inputs[at] = name;
      types[attr] = type('bfloat16');
    }
    const after = Object.entries(ends.outputs).map(([at, attr]) => {
      types[attr] = type('bfloat16');
      renamed.set(`${node.name}:${at}`, `${node.name}/out${at}`);
      return cast(`${node.name}/out${at}`, `${node.name}:${at}`, 'float32', node.outputs[Number(at)]!.shape);
    });
    const outputs = node.outputs.map((info, at) => (ends.outputs[at] ? { ...info, dtype: 'bfloat16' as const } : info));
    return [...made, { ...node, inputs, attrs: types, outputs }, ...after];
  });
  const ofSignature = (ends: Graph['signatures'][string]['outputs']) =>
    Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, { ...end, ref: moved(end.ref) }]));
  const outputs = Object.entries(signatures).map(([name, given]) => [
    name,
    { ...given, outputs: ofSignature(given.outputs) },
  ]);
  return { nodes: changed, variables, signatures: Object.fromEntries(outputs) as Graph['signatures'] };
}

/**
 * Returns a body's results with bfloat16 inputs and outputs, and its results in float32 for inputs that were rounded
 * before.
 */
function both(shapes: Shapes, exact: readonly string[], body: Body, integers: Record<string, Int32Array> = {}) {
  const given = numbersFor(shapes, 5);
  const given16 = Object.fromEntries(
    Object.entries(given).map(([name, values]) => [name, exact.includes(name) ? values : rounded(values)]),
  );
  const whole: Program = program(shapes, (context, tensors) => {
    const more = Object.entries(integers).map(([name, values]) => [
      name,
      context.constant(values, [values.length], 'int32'),
    ]);
    return body(context, { ...tensors, ...Object.fromEntries(more) } as Tensors);
  });
  const graph = halved(traceProgram(whole, loaded.tf, loaded.backend!, { kernels: true }));
  const stored = storeGraph(newCache(), 'halved', encodeSavedModel(graph), graph);
  const executor = new CapturedExecutor(loaded.backend!.binding, stored.folder, stored.manifest);
  const own = executor.run('step', given) as Record<string, Float32Array>;
  const eager = new EagerExecutor(whole, loaded);
  const reference = eager.run('step', given16) as Record<string, Float32Array>;
  eager.dispose();
  executor.dispose();
  return { own, reference };
}

const scale: Attr = { kind: 'float', value: 0.3 };

/** Expects equal results. @param half results that are rounded; the others are sums of rounded numbers in float32 */
function expectSame({ own, reference }: ReturnType<typeof both>, half: readonly string[]): void {
  for (const [name, values] of Object.entries(reference)) {
    expect(
      values.some((value) => value !== 0),
      name,
    ).toBe(true);
    expect(own[name], name).toEqual(half.includes(name) ? rounded(values) : values);
  }
}

const half = ownOps && multipliesHalf(loaded.engine);

describe.skipIf(!ownOps)('ops with ends in bfloat16', () => {
  // The sizes are odd, not a multiple of a vector, and one is larger than a piece.
  it.each([[[3, 5]], [[1, 40000]], [[37, 31]]])('GELU of %j, and its gradient', (shape) => {
    const results = both({ x: shape, dy: shape }, [], ({ op }, { x, dy }) => ({
      y: op('StudioGelu', [x!], {})[0]!,
      dx: op('StudioGeluGrad', [dy!, x!], {})[0]!,
    }));
    expectSame(results, ['y', 'dx']);
  });
  it.each([
    [3, 5],
    [130, 96],
    [70, 31],
  ])('layer norm of %i rows of %i, and its gradient', (rows, width) => {
    const shapes = {
      x: [rows, width],
      dy: [rows, width],
      gain: [width],
      offset: [width],
      mean: [rows],
      inverse: [rows],
    };
    const results = both(
      shapes,
      ['x', 'gain', 'offset', 'mean', 'inverse'],
      ({ op }, { x, dy, gain, offset, mean, inverse }) => {
        const [dx, dgain, doffset] = op('StudioLayerNormGrad', [dy!, x!, gain!, mean!, inverse!], {}, 3) as Tensor[];
        const epsilon: Attr = { kind: 'float', value: 1e-5 };
        return {
          y: op('StudioLayerNorm', [x!, gain!, offset!], { epsilon }, 3)[0]!,
          dx: dx!,
          dgain: dgain!,
          doffset: doffset!,
        };
      },
    );
    expectSame(results, ['y']);
  });
  it('attention, and its gradient', () => {
    const attrs = { heads: int(2), length: int(19), scale };
    const results = both({ packed: [38, 96], dy: [38, 32] }, [], ({ op }, { packed, dy }) => ({
      y: op('StudioAttention', [packed!], attrs)[0]!,
      dpacked: op('StudioAttentionGrad', [packed!, dy!], attrs)[0]!,
    }));
    expectSame(results, ['y', 'dpacked']);
  });
  it.each([
    [7, 11],
    [100, 5],
    [150, 33],
  ])('attention of %i queries on %i keys, and its gradients', (length, keys) => {
    const attrs = { heads: int(2), length: int(length), keys: int(keys), scale };
    const shapes = { q: [2 * length, 18], kv: [2 * keys, 36], dy: [2 * length, 18] };
    const results = both(shapes, [], ({ op }, { q, kv, dy }) => {
      const [dq, dkv] = op('StudioCrossAttentionGrad', [q!, kv!, dy!], attrs, 2) as Tensor[];
      return { y: op('StudioCrossAttention', [q!, kv!], attrs)[0]!, dq: dq!, dkv: dkv! };
    });
    expectSame(results, ['y', 'dq', 'dkv']);
  });
  it('attention in windows, and its gradients', () => {
    const attrs = { heads: int(2), length: int(9), scale };
    const shapes = { packed: [72, 72], bias: [2, 9, 9], mask: [4, 9, 9], dy: [72, 24] };
    const places = { places: Int32Array.from({ length: 36 }, (_, at) => (at * 5) % 36) };
    const body: Body = ({ op }, { packed, places, bias, mask, dy }) => {
      const given = [packed!, places!, bias!, mask!];
      const [dpacked, dbias] = op('StudioWindowAttentionGrad', [...given, dy!], attrs, 2) as Tensor[];
      return { y: op('StudioWindowAttention', given, attrs)[0]!, dpacked: dpacked!, dbias: dbias! };
    };
    expectSame(both(shapes, ['bias', 'mask'], body, places), ['y', 'dpacked']);
  });

  const sides = [
    [1, 3, 2],
    [33, 17, 5],
    [70, 31, 18],
    [64, 48, 40],
    [500, 129, 100],
  ] as const;
  it.skipIf(!half).each(sides)('a linear layer of %i rows, %i to %i, and its gradients', (rows, ins, outs) => {
    const flags = { count: int(1), scale: flag(false), bias: flag(true), add: flag(false), relu: flag(false) };
    const attrs = { ...flags, gradient: flag(false), half_products: flag(true) };
    const shapes = { x: [rows, ins], weight: [ins, outs], bias: [outs], dy: [rows, outs] };
    const results = both(shapes, ['weight', 'bias'], ({ op }, { x, weight, bias, dy }) => {
      const [dx, dweight, dbias] = op(
        'StudioLinearGrad',
        [x!, weight!, dy!],
        { half_products: flag(true) },
        3,
      ) as Tensor[];
      return { y: op('StudioLinear', [x!, weight!, bias!], attrs)[0]!, dx: dx!, dweight: dweight!, dbias: dbias! };
    });
    expectSame(results, ['y', 'dx']);
  });
  it.each([
    [1, 1, false],
    [700, 5, true],
    [19, 1100, true],
    [130, 64, false],
  ])('batch norm of %i rows of %i, with a ReLU: %s, and its gradient', (rows, width, relu) => {
    const shapes = {
      ...{ x: [rows, width], dy: [rows, width], gain: [width], offset: [width], mean: [width], inverse: [width] },
    };
    const attrs: Record<string, Attr> = { epsilon: { kind: 'float', value: 1e-5 }, relu: flag(relu) };
    const results = both(
      shapes,
      ['gain', 'offset', 'mean', 'inverse'],
      ({ op }, { x, dy, gain, offset, mean, inverse }) => {
        const [y, batchMean, variance] = op('StudioBatchNorm', [x!, gain!, offset!], attrs, 4) as Tensor[];
        const given = [dy!, x!, gain!, offset!, mean!, inverse!];
        const [dx, dgain, doffset] = op('StudioBatchNormGrad', given, attrs, 3) as Tensor[];
        return { y: y!, batchMean: batchMean!, variance: variance!, dx: dx!, dgain: dgain!, doffset: doffset! };
      },
    );
    // One row has no variance.
    if (rows === 1) for (const side of [results.own, results.reference]) delete side['variance'];
    expectSame(results, ['y', 'dx']);
  });
  it.skipIf(!half).each([
    [16, 20, 5, 9],
    [64, 48, 40, 6],
  ])('a 3 x 3 convolution of %i to %i channels, %i x %i, and its gradients', (ins, outs, height, width) => {
    const flags = { scale: flag(false), bias: flag(false), add: flag(false), relu: flag(false) };
    const attrs = (gradient: boolean): Record<string, Attr> => ({
      ...{ ...flags, count: int(0), gradient: flag(gradient), half_products: flag(true) },
    });
    const grad = { height: int(3), width: int(3), stride: int(1), padding: int(1), half_products: flag(true) };
    const shapes = { x: [2, height, width, ins], weight: [3, 3, ins, outs], dy: [2, height, width, outs] };
    const results = both(shapes, ['weight'], ({ op }, { x, weight, dy }) => ({
      y: op('StudioConv', [x!, weight!], attrs(false))[0]!,
      dx: op('StudioConv', [dy!, weight!], attrs(true))[0]!,
      dweight: op('StudioConvWeightGrad', [x!, dy!], grad)[0]!,
    }));
    expectSame(results, ['y', 'dx']);
  });
  it('a product in float32 refuses them', () => {
    const flags = { count: int(0), scale: flag(false), bias: flag(false), add: flag(false), relu: flag(false) };
    const body: Body = ({ op }, { x, weight }) => ({
      y: op('StudioLinear', [x!, weight!], { ...flags, gradient: flag(false), half_products: flag(false) })[0]!,
    });
    expect(() => both({ x: [40, 16], weight: [16, 16] }, [], body)).toThrow(/half_products/);
  });
});

describe.skipIf(engineMissing)('which activations are in bfloat16', () => {
  const shapes = {
    ...{ x: [64, 16], gain: [16], offset: [16], weight: [16, 48], bias: [48], out: [16, 16], out_bias: [16] },
    ...{ fc1: [16, 64], fc1_bias: [64], fc2: [64, 16], fc2_bias: [16], dy: [64, 16] },
  };
  const block: Body = (context, given) => {
    const { tf } = context;
    const names = Object.keys(shapes).filter((name) => name !== 'dy');
    const forward = (...tensors: Tensor[]): Tensor => {
      const [x, gain, offset, weight, bias, out, outBias, fc1, fc1Bias, fc2, fc2Bias] = tensors as Required<Tensor[]>;
      const packed = linear(context, layerNorm(context, x!, gain!, offset!), weight!, bias!);
      const mixed = linear(context, windowAttention(context, packed, { heads: 2, length: 16 }), out!, outBias!);
      const stream = tf.add(x!, mixed);
      const hidden = linear(context, layerNorm(context, stream, gain!, offset!), fc1!, fc1Bias!);
      return tf.add(stream, linear(context, gelu(context, hidden), fc2!, fc2Bias!));
    };
    const inputs = names.map((name) => given[name] as Tensor);
    const { value, grads } = tf.valueAndGrads(forward)(inputs, given['dy']!);
    return { y: value, ...Object.fromEntries(names.map((name, at) => [`d_${name}`, grads[at]!])) };
  };
  const dtypes = (body: Body, autocast: string[], multiplies: boolean): Record<string, Set<string>> => {
    const found: Record<string, Set<string>> = {};
    for (const { op, outputs } of nodesOf(program(shapes, body), autocast, multiplies))
      if (op.startsWith('Studio')) (found[op] ??= new Set()).add(outputs[0]!.dtype);
    return found;
  };

  it('those between a block’s products, not the stream that branches are added to', () => {
    const found = dtypes(block, ['step'], true);
    for (const op of ['LayerNorm', 'WindowAttention', 'WindowAttentionGrad', 'Gelu', 'GeluGrad'])
      expect(found[`Studio${op}`], op).toEqual(new Set(['bfloat16']));
    expect(found['StudioLayerNormGrad']).toEqual(new Set(['float32']));
    // The summands of the residual stream are in float32.
    expect(found['StudioLinear']).toEqual(new Set(['float32', 'bfloat16']));
    expect(found['StudioLinearGrad']).toEqual(new Set(['bfloat16']));
  });
  it('those of a bottleneck between its convolutions and norms, forward and backward', () => {
    const attrs: Record<string, Attr> = { epsilon: { kind: 'float', value: 1e-5 }, relu: flag(true) };
    const sides = {
      ...{ x: [2, 8, 8, 32], w1: [1, 1, 32, 16], w2: [3, 3, 16, 16], w3: [1, 1, 16, 32], gain: [16], offset: [16] },
      ...{ dy: [2, 8, 8, 32] },
    };
    const body: Body = (context, given) => {
      const { tf, op } = context;
      const norm = (x: Tensor, gain: Tensor, offset: Tensor): Tensor =>
        withGradient(
          tf,
          [x, gain, offset],
          (...inputs) => {
            const [value, mean, , inverse] = op('StudioBatchNorm', inputs, attrs, 4) as Tensor[];
            return { value: value!, saved: [...inputs, mean!, inverse!] };
          },
          (dy, saved) => op('StudioBatchNormGrad', [dy, ...saved], attrs, 3),
        );
      const conv = (x: Tensor, weight: Tensor): Tensor =>
        conv2d(context, x, weight, { stride: 1, padding: weight.shape[0] === 3 ? 1 : 0, training: true });
      const forward = (...tensors: Tensor[]): Tensor => {
        const [x, w1, w2, w3, gain, offset] = tensors as Required<Tensor[]>;
        const first = norm(conv(x!, w1!), gain!, offset!);
        return tf.add(x!, conv(norm(conv(first, w2!), gain!, offset!), w3!));
      };
      const names = Object.keys(sides).filter((name) => name !== 'dy');
      const inputs = names.map((name) => given[name] as Tensor);
      const { value, grads } = tf.valueAndGrads(forward)(inputs, given['dy']!);
      return { y: value, ...Object.fromEntries(names.map((name, at) => [`d_${name}`, grads[at]!])) };
    };
    const nodes = nodesOf(program(sides, body), ['step'], true);
    const types = (op: string): Set<string> =>
      new Set(nodes.filter((node) => node.op === op).map(({ outputs }) => outputs[0]!.dtype));
    expect(types('StudioBatchNorm')).toEqual(new Set(['bfloat16']));
    expect(types('StudioBatchNormGrad')).toEqual(new Set(['bfloat16']));
    expect(types('StudioConv')).toEqual(new Set(['bfloat16']));
    expect(nodes.filter(({ op }) => op === 'Cast')).toEqual([]);

    // TensorFlow's own convolutions keep their casts only where the stream or a weight is read.
    const few = { ...sides, w1: [1, 1, 32, 12], w2: [3, 3, 12, 12], w3: [1, 1, 12, 32], gain: [12], offset: [12] };
    const made = nodesOf(program(few, body), ['step'], true);
    const dtypeOf = new Map(
      made.flatMap(({ name, outputs }) => outputs.map(({ dtype }, at) => [`${name}:${at}`, dtype])),
    );
    const products = made.filter(({ op }) => op === 'Conv2D');
    expect(products.length).toBeGreaterThan(0);
    for (const { inputs } of products)
      for (const input of inputs) expect(dtypeOf.get(input.includes(':') ? input : `${input}:0`)).toBe('bfloat16');
    const casts = made.filter(({ op }) => op === 'Cast');
    expect(casts.map(({ outputs }) => `${outputs[0]!.shape.join()} ${outputs[0]!.dtype}`).sort()).toEqual([
      '1,1,12,32 float32', // gradient of w3
      '2,8,8,32 bfloat16', // dy
      '3,3,12,12 bfloat16', // w2
      '3,3,12,12 float32', // gradient of w2
    ]);
  });
  it('none without autocast, or where our ops do not multiply them', () => {
    for (const found of [dtypes(block, [], true), dtypes(block, ['step'], false)])
      expect(new Set(Object.values(found).flatMap((types) => [...types]))).toEqual(new Set(['float32']));
  });
  it('none that another op reads too, or that is a result', () => {
    const body: Body = (context, { x, fc1, fc1_bias: bias, fc2, fc2_bias: last }) => {
      const hidden = linear(context, x!, fc1!, bias!);
      const active = gelu(context, hidden);
      return { sum: context.tf.sum(hidden), active, y: linear(context, active, fc2!, last!) };
    };
    const found = dtypes(body, ['step'], true);
    expect(found['StudioLinear']).toEqual(new Set(['float32']));
    expect(found['StudioGelu']).toEqual(new Set(['float32']));
  });
});
