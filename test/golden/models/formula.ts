/** The numbers that both sides compute; reference.py has the same functions. golden/*.json stores only results. */
import type { ParamSpec } from '../../../src/main/engine/types';

const mix = (value: number): number => {
  let x = value >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
};

/** Sets every value; `from` of a typed array takes ten times as long, which is minutes for a large model. */
function fill<T extends Float32Array | Float64Array>(values: T, at: (index: number) => number): T {
  for (let index = 0; index < values.length; index++) values[index] = at(index);
  return values;
}

/** Returns uint32 [count] as a function of the text. */
export function hashed(key: string, count: number): Uint32Array {
  let value = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193);
  const start = mix(value);
  const values = new Uint32Array(count);
  for (let index = 0; index < count; index++) values[index] = mix(start + Math.imul(index, 0x9e3779b9));
  return values;
}

/** Returns float64 [count] in [-1, 1), exact in float32. */
export function uniform(key: string, count: number): Float64Array {
  const whole = hashed(key, count);
  return fill(new Float64Array(count), (index) => (whole[index]! >>> 8) / 2 ** 23 - 1);
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Weight and bias of some norms, by the end of their name. */
export type Opened = Readonly<Record<string, { weight: number; bias: number }>>;

/** Returns the value of a parameter or buffer in timm's layout. reference.py explains `opened`. */
export function weight({ name, timmShape: shape }: ParamSpec, opened: Opened): Float32Array {
  const u = uniform(name, size(shape));
  const from = (map: (value: number) => number): Float32Array =>
    fill(new Float32Array(u.length), (index) => map(u[index]!));
  const given = Object.entries(opened).find(([norm]) => new RegExp(`(^|\\.)${norm}\\.(weight|bias)$`).test(name))?.[1];
  if (given)
    return from((value) => (name.endsWith('weight') ? given.weight * (1 + 0.25 * value) : given.bias + 0.1 * value));
  // Small last norms of residual branches keep the activations of deep networks small, and with them the logits'
  // rounding errors.
  if (/^layer.*\.bn[23]\.weight$/.test(name)) return from((value) => 0.3 + 0.1 * value);
  if (name.endsWith('.gamma')) return from((value) => 0.3 + 0.1 * value);
  if (/(running_var|\.scale)$/.test(name) || (name.endsWith('weight') && shape.length === 1))
    return from((value) => 1 + 0.25 * value);
  if (shape.length === 1) return from((value) => 0.1 * value);
  if (name === 'cls_token' || name === 'pos_embed') return from((value) => 0.2 * value);
  const gain = Math.sqrt(6 / size(shape.slice(1)));
  return from((value) => value * gain);
}

export const images = (key: string, batch: number, side: number): Uint8Array =>
  Uint8Array.from(hashed(key, batch * side * side * 3), (value) => value & 255);

/** Returns a dropout mask [rows, rates.length]: 0 with the column's rate, and 1 / (1 - rate) otherwise. */
export function mask(key: string, rows: number, rates: readonly number[]): Float32Array {
  return Float32Array.from(uniform(key, rows * rates.length), (value, index) => {
    const rate = rates[index % rates.length]!;
    return (value + 1) / 2 < rate ? 0 : 1 / (1 - rate);
  });
}

/** Returns lam and a mask [bandwidth, bandwidth]. Steps alternate between no mixing, mixup and cutmix. */
export function mixing(step: number, bandwidth: number): { lam: number; mask: Float32Array } {
  const area = bandwidth * bandwidth;
  if (step % 3 === 0) return { lam: 1, mask: new Float32Array(area).fill(1) };
  const lam = (uniform(`lam/${step}`, 1)[0]! + 1) / 2;
  if (step % 3 === 1) return { lam, mask: new Float32Array(area).fill(lam) };
  const [top, left] = Array.from(hashed(`box/${step}`, 2), (value) => value % Math.floor(bandwidth / 2)) as [
    number,
    number,
  ];
  const side = Math.floor(bandwidth / 3);
  const inside = (index: number): boolean => {
    const [y, x] = [Math.floor(index / bandwidth) - top, (index % bandwidth) - left];
    return y >= 0 && y < side && x >= 0 && x < side;
  };
  const values = Float32Array.from({ length: area }, (_, index) => (inside(index) ? 0 : 1));
  return { lam: values.reduce((sum, value) => sum + value, 0) / area, mask: values };
}

export const rectangles = (step: number, batch: number, bandwidth: number): Int32Array =>
  Int32Array.from(hashed(`erase/${step}`, batch * 4), (value) => value % Math.floor(bandwidth / 2));

export const labels = (step: number, batch: number, classes: number): Int32Array =>
  Int32Array.from(hashed(`labels/${step % 4}`, batch), (value) => value % classes);

export interface Summary {
  norm: number;
  sample: number[];
  projections: number[];
}

function dot(a: Float32Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** Returns the norm, some elements and some random projections of a tensor in timm's layout. */
export function summary(name: string, values: Float32Array, { sample, projections }: Summary): Summary {
  return {
    norm: Math.sqrt(dot(values, values)),
    sample: Array.from(hashed(`${name}/sample`, sample.length), (value) => values[value % values.length]!),
    projections: projections.map((_, k) => dot(values, uniform(`${name}/projection/${k}`, values.length))),
  };
}
