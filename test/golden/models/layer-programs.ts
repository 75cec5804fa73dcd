/** Turns the layers of layers.py into programs, with inputs from the formula, and output and gradients as results. */
import { attention } from '../../../src/main/engine/layers/attention';
import { batchNorm } from '../../../src/main/engine/layers/batch-norm';
import { crossAttention } from '../../../src/main/engine/layers/cross-attention';
import { depthwiseConv2d } from '../../../src/main/engine/layers/depthwise-conv2d';
import { bilinearMap } from '../../../src/main/engine/layers/bilinear-map';
import { conv2d } from '../../../src/main/engine/layers/conv2d';
import { gelu } from '../../../src/main/engine/layers/gelu';
import { layerNorm } from '../../../src/main/engine/layers/layer-norm';
import { maxPool } from '../../../src/main/engine/layers/max-pool';
import { positionEmbedding } from '../../../src/main/engine/layers/position-embedding';
import { relu } from '../../../src/main/engine/layers/relu';
import { starRelu } from '../../../src/main/engine/layers/star-relu';
import type { Context, Executor, Layout, ParamSpec, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { fromTimm, toTimm } from '../../../src/main/engine/weights/layout';
import { uniform } from './formula';

interface Argument {
  shape: number[];
  layout?: Layout;
  timmShape?: number[];
  values: Float32Array;
}

export interface LayerCase {
  name: string;
  arguments: Record<string, Argument>;
  output: number[];
  /** First values of the variables that the layer reads or assigns. */
  variables?: Record<string, Float32Array>;
  forward: (context: Context, values: Record<string, Tensor>) => Tensor;
}

const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export const drawn = (key: string, shape: number[], scale = 1, offset = 0): Float32Array =>
  Float32Array.from(uniform(key, count(shape)), (value) => value * scale + offset);

export const plain = (key: string, shape: number[], scale = 1, offset = 0): Argument => ({
  shape,
  values: drawn(key, shape, scale, offset),
});

const spec = (layout: Layout, shape: number[], timmShape: number[]): ParamSpec => ({
  name: '',
  shape,
  timmShape,
  layout,
  trainable: true,
  decay: true,
  init: () => new Float32Array(),
});

export function laidOut(key: string, layout: Layout, shape: number[], timmShape: number[]): Argument {
  return { shape, layout, timmShape, values: fromTimm(spec(layout, shape, timmShape), drawn(key, timmShape)) };
}

function conv(height: number, width: number, kernel: number, stride: number, padding: number): LayerCase {
  const side = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return {
    name: `conv ${height}x${width} k${kernel} s${stride} p${padding}`,
    arguments: {
      x: plain('x', [2, height, width, 3]),
      weight: laidOut('weight', 'conv', [kernel, kernel, 3, 4], [4, 3, kernel, kernel]),
    },
    output: [2, side(height), side(width), 4],
    forward: (context, { x, weight }) => conv2d(context, x!, weight!, { stride, padding, training: true }),
  };
}

/** @param shape [number, height, width, channels] of the images */
function depthwise(shape: [number, number, number, number], kernel: number, stride: number, pad: number): LayerCase {
  const [batch, height, width, channels] = shape;
  const side = (length: number): number => Math.floor((length + 2 * pad - kernel) / stride) + 1;
  return {
    name: `depthwise ${shape.join('x')} k${kernel} s${stride} p${pad}`,
    arguments: {
      x: plain('x', shape),
      weight: laidOut('weight', 'depthwise', [kernel, kernel, channels, 1], [channels, 1, kernel, kernel]),
      bias: plain('bias', [channels]),
    },
    output: [batch, side(height), side(width), channels],
    forward: (context, { x, weight, bias }) => depthwiseConv2d(context, x!, weight!, bias!, { stride, pad }),
  };
}

const pool = (height: number, width: number): LayerCase => ({
  name: `pool ${height}x${width}`,
  arguments: { x: plain('x', [2, height, width, 3]) },
  output: [2, Math.ceil(height / 2), Math.ceil(width / 2), 3],
  forward: (context, { x }) => maxPool(context, relu(context, x!), 3, 2, 1),
});

const batchNormCase = (training: boolean): LayerCase => ({
  name: `batch norm, ${training ? 'training' : 'evaluation'}`,
  arguments: { x: plain('x', [3, 4, 5, 6], 1, 0.5), weight: plain('weight', [6]), bias: plain('bias', [6]) },
  output: [3, 4, 5, 6],
  variables: { 'bn.running_mean': drawn('running_mean', [6]), 'bn.running_var': drawn('running_var', [6], 0.25, 1) },
  forward: (context, values) => {
    const param = (name: string): Tensor => values[name.slice('bn.'.length)] ?? context.variable(name);
    return batchNorm(context, values['x']!, { training, epsilon: 1e-5, name: 'bn', param });
  },
});

const layerNormCase = (name: string, offset: number): LayerCase => ({
  name,
  arguments: { x: plain('x', [5, 7], 1, offset), weight: plain('weight', [7]), bias: plain('bias', [7]) },
  output: [5, 7],
  forward: (context, { x, weight, bias }) => layerNorm(context, x!, weight!, bias!),
});

const attentionCase = (name: string, batch: number, length: number, dim: number, bias = true): LayerCase => ({
  name,
  arguments: {
    x: plain('x', [batch * length, dim]),
    'qkv.weight': laidOut('qkv.weight', 'linear', [dim, 3 * dim], [3 * dim, dim]),
    'proj.weight': laidOut('proj.weight', 'linear', [dim, dim], [dim, dim]),
    ...(bias ? { 'qkv.bias': plain('qkv.bias', [3 * dim]), 'proj.bias': plain('proj.bias', [dim]) } : {}),
  },
  output: [batch * length, dim],
  forward: (context, values) =>
    attention(context, values['x']!, {
      ...{ heads: 2, batch, length, name: 'attn', bias },
      param: (key) => values[key.slice('attn.'.length)]!,
    }),
});

const position = (from: number, to: number): LayerCase => ({
  name: `position ${from} to ${to}`,
  arguments: { embedding: plain('embedding', [1, 1 + from * from, 3]) },
  output: [1, 1 + to * to, 3],
  forward: (context, { embedding }) => positionEmbedding(context, embedding!, from, to),
});

const bilinear = (from: number, to: number): LayerCase => ({
  name: `bilinear ${from} to ${to}`,
  arguments: { map: plain('map', [from * from, 3]) },
  output: [to * to, 3],
  forward: (context, { map }) => bilinearMap(context, map!, from, to),
});

const cross = (name: string, others: number, heads: number): LayerCase => ({
  name,
  arguments: { q: plain('q', [2 * 9, 8]), kv: plain('kv', [2 * others, 16]) },
  output: [2 * 9, 8],
  forward: (context, { q, kv }) => crossAttention(context, q!, kv!, { heads, batch: 2 }),
});

const GELU_AT = [-30, -10, -5, -3, -1, -0.75, -1e-4, 0, 1e-4, 0.3, 1, 2.5, 5, 30];

export const LAYERS: readonly LayerCase[] = [
  ...[
    [9, 7, 7, 2, 3],
    [8, 10, 7, 2, 3],
    [8, 6, 3, 2, 1],
    [7, 5, 3, 2, 1],
    [6, 5, 3, 1, 1],
    [7, 6, 1, 2, 0],
    [5, 4, 1, 1, 0],
  ].map((shape) => conv(...(shape as [number, number, number, number, number]))),
  ...[
    pool(8, 6),
    pool(7, 9),
    batchNormCase(true),
    batchNormCase(false),
    layerNormCase('layer norm', 0),
    layerNormCase('layer norm, far from zero', 50),
    depthwise([2, 6, 5, 4], 3, 1, 1),
    depthwise([1, 5, 8, 16], 7, 1, 3),
    // The kernel reaches beyond the map on all sides, as in the last stage at a small size.
    depthwise([2, 2, 3, 4], 7, 1, 3),
    depthwise([1, 8, 7, 4], 3, 2, 1),
  ],
  {
    name: 'layer norm without bias',
    arguments: { x: plain('x', [5, 7]), weight: plain('weight', [7]) },
    output: [5, 7],
    forward: (context, { x, weight }) => layerNorm(context, x!, weight!, null),
  },
  {
    name: 'star relu',
    arguments: { x: plain('x', [5, 7]), scale: plain('scale', [1]), bias: plain('bias', [1]) },
    output: [5, 7],
    forward: (context, { x, scale, bias }) => starRelu(context, x!, scale!, bias!),
  },
  {
    name: 'gelu',
    arguments: { x: { shape: [GELU_AT.length], values: Float32Array.from(GELU_AT) } },
    output: [GELU_AT.length],
    forward: (context, { x }) => gelu(context, x!),
  },
  attentionCase('attention', 2, 5, 8),
  // Our own op takes heads of this width. The sequence is longer than the op's panels of queries.
  attentionCase('attention, heads of 16', 1, 27, 32),
  attentionCase('attention without biases', 2, 5, 8, false),
  ...(
    [
      [14, 6],
      [14, 10],
      [14, 12],
      [8, 4],
      [8, 3],
      [4, 7],
      [3, 5],
      [1, 2],
    ] as const
  ).map(([from, to]) => position(from, to)),
  ...[bilinear(7, 3), bilinear(4, 6), bilinear(1, 2)],
  cross('cross attention', 4, 2),
  cross('cross attention, one head', 1, 1),
];

const info = (shape: readonly number[]): TensorInfo => ({ shape, dtype: 'float32' });

/**
 * Returns a program with one signature, `run`: its inputs are all arguments and `dy`, its results `output` and
 * `d_<argument>`.
 */
export function layerProgram({ arguments: values, output, variables = {}, forward }: LayerCase): Program {
  const keys = Object.keys(values);
  return {
    variables: Object.fromEntries(Object.entries(variables).map(([name, { length }]) => [name, info([length])])),
    signatures: {
      run: {
        inputs: { ...Object.fromEntries(keys.map((key) => [key, info(values[key]!.shape)])), dy: info(output) },
        body: (context, inputs) => {
          const { tf } = context;
          const apply = (...tensors: Tensor[]): Tensor =>
            forward(context, Object.fromEntries(keys.map((key, index) => [key, tensors[index]!])));
          const { value, grads } = tf.valueAndGrads(apply as never)(
            keys.map((key) => inputs[key]!),
            inputs['dy'],
          ) as { value: Tensor; grads: Tensor[] };
          return { output: value, ...Object.fromEntries(keys.map((key, index) => [`d_${key}`, grads[index]!])) };
        },
      },
    },
  };
}

/** Returns the results in timm's layout, and the variables' values afterwards. */
export function runLayer(executor: Executor, example: LayerCase): Record<string, Float32Array> {
  executor.write(example.variables ?? {});
  const inputs = Object.fromEntries(Object.entries(example.arguments).map(([key, { values }]) => [key, values]));
  const results = executor.run('run', { ...inputs, dy: drawn('dy', example.output) }) as Record<string, Float32Array>;
  for (const [key, { layout, shape, timmShape }] of Object.entries(example.arguments)) {
    if (layout && timmShape) results[`d_${key}`] = toTimm(spec(layout, shape, timmShape), results[`d_${key}`]!);
  }
  for (const [name, values] of Object.entries(executor.read()))
    results[name.split('.').at(-1)!] = values as Float32Array;
  return results;
}
