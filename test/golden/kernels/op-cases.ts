/**
 * Turns the cases of cases.json into calls of our own ops, with inputs from the formula. kernels.py computes the same
 * in float64.
 */
import { flag, int } from '../../../src/main/engine/layers/attrs';
import type { Attr } from '../../../src/main/engine/types';
import { hashed, uniform } from '../models/formula';
import casesJson from './cases.json';

interface Depthwise {
  kind: 'depthwise';
  name: string;
  x: number[];
  kernel: number[];
  stride: number;
  padding: number;
}

interface Conv {
  kind: 'conv';
  name: string;
  /** Images; their channels are even in number, as the result's. */
  x: number[];
  out: number;
}

interface Linear {
  kind: 'linear';
  name: string;
  rows: number;
  in: number;
  out: number;
}

interface Windows {
  kind: 'windows';
  name: string;
  images: number;
  /** Number of windows of one image. */
  windows: number;
  length: number;
  heads: number;
  width: number;
  bias: boolean;
  mask: boolean;
  places: boolean;
}

interface Cross {
  kind: 'cross';
  name: string;
  batch: number;
  length: number;
  keys: number;
  heads: number;
  width: number;
}

interface Elementwise {
  kind: 'starRelu' | 'scaleChannels';
  name: string;
  x: number[];
}

export type KernelCase = Depthwise | Conv | Linear | Windows | Cross | Elementwise;

export const KERNEL_CASES = casesJson as KernelCase[];

export interface OpInput {
  shape: number[];
  values: Float32Array | Int32Array;
}

export interface OpCall {
  op: string;
  attrs: Record<string, Attr>;
  inputs: OpInput[];
  /** Shapes of the results by name. */
  results: Record<string, number[]>;
}

/** The mask's value for a token of another region. */
const MASKED = -100;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, side) => size * side, 1);
const drawn = (name: string, ...shape: number[]): OpInput => ({
  shape,
  values: Float32Array.from(uniform(name, sizeOf(shape))),
});
const none = (dtype: 'float32' | 'int32' = 'float32'): OpInput => ({
  shape: [0],
  values: dtype === 'int32' ? new Int32Array() : new Float32Array(),
});

function depthwise({ x, kernel, stride, padding }: Depthwise): OpCall[] {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const [down, across] = kernel as [number, number];
  const out = [
    Math.floor((height + 2 * padding - down) / stride) + 1,
    Math.floor((width + 2 * padding - across) / stride) + 1,
  ] as const;
  const attrs = { stride: int(stride), padding: int(padding) };
  const [image, weight] = [drawn('x', ...x), drawn('weight', down, across, channels, 1)];
  const y = [batch, ...out, channels];
  return [
    { op: 'StudioDepthwise', attrs, inputs: [image, weight, drawn('bias', channels)], results: { y } },
    {
      ...{ op: 'StudioDepthwiseGrad', attrs, inputs: [drawn('dy', ...y), image, weight] },
      results: { dx: x, dweight: weight.shape, dbias: [channels] },
    },
  ];
}

/** Attributes of a product, with all parts of an epilogue or as a gradient, which has none. */
const product = (gradient: boolean): Record<string, Attr> => ({
  ...{ count: int(gradient ? 0 : 3), gradient: flag(gradient) },
  ...Object.fromEntries(['scale', 'bias', 'add', 'relu'].map((part) => [part, flag(!gradient)])),
});

function conv({ x, out }: Conv): OpCall[] {
  const y = [...x.slice(0, 3), out];
  const [image, weight, dy] = [drawn('x', ...x), drawn('weight', 3, 3, x[3] as number, out), drawn('dy', ...y)];
  const epilogue = [drawn('scale', out), drawn('bias', out), drawn('added', ...y)];
  const attrs = { height: int(3), width: int(3), stride: int(1), padding: int(1), half_products: flag(false) };
  return [
    { op: 'StudioConv', attrs: product(false), inputs: [image, weight, ...epilogue], results: { y } },
    { op: 'StudioConv', attrs: product(true), inputs: [dy, weight], results: { dx: x } },
    { op: 'StudioConvWeightGrad', attrs, inputs: [image, dy], results: { dweight: weight.shape } },
  ];
}

/** Its weights' gradient is left out, because the number of threads decides how its sums are split. */
function linear({ rows, in: ins, out }: Linear): OpCall[] {
  const [x, weight, dy] = [drawn('x', rows, ins), drawn('weight', ins, out), drawn('dy', rows, out)];
  const epilogue = [drawn('scale', out), drawn('bias', out), drawn('added', rows, out)];
  return [
    { op: 'StudioLinear', attrs: product(false), inputs: [x, weight, ...epilogue], results: { y: dy.shape } },
    { op: 'StudioLinear', attrs: product(true), inputs: [dy, weight], results: { dx: x.shape } },
  ];
}

/** Returns the numbers' indices, sorted by number, the smallest first. */
function orderOf(numbers: Uint32Array): Int32Array {
  return Int32Array.from([...numbers.keys()].sort((a, b) => (numbers[a] as number) - (numbers[b] as number) || a - b));
}

function windows(given: Windows): OpCall[] {
  const { images, windows: count, length, heads, width } = given;
  const [own, dim] = [count * length, heads * width];
  const masked = drawn('mask', count, length, length);
  const bias = given.bias ? drawn('bias', heads, length, length) : none();
  const inputs = [
    drawn('packed', images * own, 3 * dim),
    given.places ? { shape: [own], values: orderOf(hashed('places', own)) } : none('int32'),
    bias,
    given.mask
      ? { ...masked, values: masked.values.map((value) => (value > 0.4 ? MASKED : 0)) as Float32Array }
      : none(),
  ];
  const attrs = { heads: int(heads), length: int(length), scale: { kind: 'float', value: width ** -0.5 } as const };
  const y = [images * own, dim];
  return [
    { op: 'StudioWindowAttention', attrs, inputs, results: { y } },
    {
      ...{ op: 'StudioWindowAttentionGrad', attrs, inputs: [...inputs, drawn('dy', ...y)] },
      results: { dpacked: [images * own, 3 * dim], dbias: bias.shape },
    },
  ];
}

function cross({ batch, length, keys, heads, width }: Cross): OpCall[] {
  const dim = heads * width;
  const attrs = {
    heads: int(heads),
    length: int(length),
    keys: int(keys),
    scale: { kind: 'float', value: width ** -0.5 } as const,
  };
  const inputs = [drawn('q', batch * length, dim), drawn('kv', batch * keys, 2 * dim)];
  const y = [batch * length, dim];
  return [
    { op: 'StudioCrossAttention', attrs, inputs, results: { y } },
    {
      ...{ op: 'StudioCrossAttentionGrad', attrs, inputs: [...inputs, drawn('dy', ...y)] },
      results: { dq: y, dkv: [batch * keys, 2 * dim] },
    },
  ];
}

function starRelu(x: number[]): OpCall[] {
  const [image, scale, dy] = [drawn('x', ...x), drawn('scale', 1), drawn('dy', ...x)];
  return [
    { op: 'StudioStarRelu', attrs: {}, inputs: [image, scale, drawn('offset', 1)], results: { y: x } },
    { op: 'StudioStarReluGrad', attrs: {}, inputs: [dy, image, scale], results: { dx: x, dscale: [1], doffset: [1] } },
  ];
}

function scaleChannels(x: number[]): OpCall[] {
  const inputs = [drawn('dy', ...x), drawn('x', ...x), drawn('factor', x.at(-1) as number)];
  return [{ op: 'StudioScaleChannelsGrad', attrs: {}, inputs, results: { dx: x, dfactor: x.slice(-1) } }];
}

/** Returns a case's calls: the forward op, then the gradients. */
export function callsOf(given: KernelCase): OpCall[] {
  switch (given.kind) {
    case 'depthwise':
      return depthwise(given);
    case 'conv':
      return conv(given);
    case 'linear':
      return linear(given);
    case 'windows':
      return windows(given);
    case 'cross':
      return cross(given);
    case 'starRelu':
      return starRelu(given.x);
    case 'scaleChannels':
      return scaleChannels(given.x);
  }
}
