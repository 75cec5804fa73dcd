/** A recorded graph as plain data, so that a pass is a function from nodes to nodes. */
import type { GraphDType } from '../backend/dtype';
import type { Attr, DType } from '../types';

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
  | Exclude<Attr, { kind: 'type' }>
  | { kind: 'type'; value: GraphDType | GraphDType[] }
  | { kind: 'tensor'; value: Literal };

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

/** Returns the name of the node that a ref or a control input names. */
export function nodeOf(ref: string): string {
  const plain = ref.startsWith('^') ? ref.slice(1) : ref;
  const colon = plain.indexOf(':');
  return colon < 0 ? plain : plain.slice(0, colon);
}

/** Returns a ref as `node:index`; a ref without an index names output 0. */
export const outputOf = (ref: string): string => (ref.includes(':') ? ref : `${ref}:0`);

export const isControl = (input: string): boolean => input.startsWith('^');

/** Returns shape and dtype of the tensor that a ref names. */
export function infoOf(byName: ReadonlyMap<string, GraphNode>, ref: string): Info {
  const colon = ref.indexOf(':');
  const node = byName.get(nodeOf(ref));
  const info = node?.outputs[colon < 0 ? 0 : Number(ref.slice(colon + 1))];
  if (!info) throw new Error(`no output ${ref} in the graph`);
  return info;
}
