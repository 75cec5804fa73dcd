import type { GraphDType } from '../../backend/dtype';
import type { GraphAttr, Info } from '../graph';

/**
 * The arguments of a shape function: the inputs' infos, the attributes, and the values of inputs that are constants.
 */
export interface ShapeQuery {
  op: string;
  inputs: readonly Info[];
  attrs: Readonly<Record<string, GraphAttr>>;
  /** Integers of input `index`. @throws if it is not a constant of the trace */
  values: (index: number) => number[];
}

/** Outputs of an op, as TensorFlow's own shape functions give them for fully known inputs. */
export type ShapeFunction = (query: ShapeQuery) => Info[];
export type ShapeTable = Record<string, ShapeFunction>;

export const one = (shape: readonly number[], dtype: GraphDType): Info[] => [{ shape, dtype }];

export function input({ inputs, op }: ShapeQuery, index: number): Info {
  const info = inputs[index];
  if (!info) throw new Error(`${op} has no input ${index}`);
  return info;
}

export function attr(query: ShapeQuery, name: string): unknown {
  const found = query.attrs[name];
  if (!found) throw new Error(`${query.op} has no attribute ${name}`);
  return found.value;
}

export const ints = (query: ShapeQuery, name: string): number[] => attr(query, name) as number[];
export const flag = (query: ShapeQuery, name: string): boolean => query.attrs[name]?.value === true;
export const dim = (shape: readonly number[], index: number): number => shape.at(index) ?? 1;

/** Gives several op names the same function. */
export const sameFor = (ops: readonly string[], shape: ShapeFunction): ShapeTable =>
  Object.fromEntries(ops.map((op) => [op, shape]));

/** Broadcasts two shapes by numpy's rules. */
export function broadcast(a: readonly number[], b: readonly number[], op: string): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new Error(`${op}: shapes [${a.join(', ')}] and [${b.join(', ')}] don't fit`);
    return left === 1 ? right : left;
  });
}
