/** A recorded graph as plain data, so that a pass is a function from nodes to nodes. */
import type { Attr, DType } from '../types';

/** TensorFlow's DataType numbers (types.proto) of what crosses our graphs. */
export const DTYPE = { float32: 1, int32: 3, uint8: 4, string: 7, int64: 9, bool: 10, bfloat16: 14, resource: 20 } as const;
export type GraphDType = keyof typeof DTYPE;

const NAMES = new Map<number, GraphDType>(Object.entries(DTYPE).map(([name, number]) => [number, name as GraphDType]));

export function dtypeName(number: number): GraphDType {
  const name = NAMES.get(number);
  if (!name) throw new Error(`TensorFlow dtype ${number} is not handled by capture`);
  return name;
}

/** Shape and dtype of one output of a node. */
export interface Info {
  shape: readonly number[];
  dtype: GraphDType;
}

/** The literal of a Const node. Strings only in `string` literals. */
export interface Literal {
  shape: readonly number[];
  dtype: GraphDType;
  values: Float32Array | Int32Array | Uint8Array | string[];
}

export type GraphAttr =
  Exclude<Attr, { kind: 'type' }> | { kind: 'type'; value: GraphDType | GraphDType[] } | { kind: 'tensor'; value: Literal };

export interface GraphNode {
  name: string;
  op: string;
  /** `node`, `node:1` for another output, `^node` for a control input (always last). */
  inputs: string[];
  attrs: Record<string, GraphAttr>;
  outputs: Info[];
}

/** One end of a signature: the tensor's ref and what it holds. */
export interface End extends Info {
  ref: string;
}

export interface GraphSignature {
  inputs: Record<string, End>;
  outputs: Record<string, End>;
}

export interface Graph {
  nodes: GraphNode[];
  signatures: Record<string, GraphSignature>;
  variables: Record<string, { shape: readonly number[]; dtype: DType }>;
}

export type Pass = (nodes: GraphNode[], kept: ReadonlySet<string>) => GraphNode[];

/** Name of the node that a ref or a control input names. */
export function nodeOf(ref: string): string {
  const plain = ref.startsWith('^') ? ref.slice(1) : ref;
  const colon = plain.indexOf(':');
  return colon < 0 ? plain : plain.slice(0, colon);
}

export const isControl = (input: string): boolean => input.startsWith('^');

/** Shape and dtype that a ref stands for. */
export function infoOf(byName: ReadonlyMap<string, GraphNode>, ref: string): Info {
  const colon = ref.indexOf(':');
  const node = byName.get(nodeOf(ref));
  const info = node?.outputs[colon < 0 ? 0 : Number(ref.slice(colon + 1))];
  if (!info) throw new Error(`no output ${ref} in the graph`);
  return info;
}

/** How many nodes of each op, most first: to see what a gradient costs. */
export function countOps(nodes: readonly GraphNode[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
