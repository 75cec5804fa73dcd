import { nodeOf, type GraphNode, type Pass } from '../graph';

/**
 * For exports: a graph traced for one image takes any number. Everything of ours keeps the batch in front, so behind the input the first length of
 * every Reshape and Slice becomes -1, and a constant that was tiled once per image (a class token) is tiled by the batch's own length.
 */
export const freeBatch =
  (input: string): Pass =>
  (nodes) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const dependent = new Set<string>([input]);
    for (const node of nodes) if (node.inputs.some((ref) => dependent.has(nodeOf(ref)))) dependent.add(node.name);
    const added: GraphNode[] = [];
    const batch = batchLength(input, added);
    const free = (node: GraphNode, at: number): GraphNode => {
      const name = `${node.name}/free`;
      added.push(constant(name, firstFree(byName, node.inputs[at] as string)));
      return { ...node, inputs: node.inputs.with(at, name) };
    };
    const rewritten = nodes.map((node): GraphNode => {
      if (node.name === input) return { ...node, attrs: { ...node.attrs, shape: { kind: 'shape', value: [-1, ...(node.outputs[0]?.shape.slice(1) ?? [])] } } };
      if (!dependent.has(node.name)) return node.op === 'Tile' ? tiled(node, byName, batch, added) : node;
      if (node.op === 'Reshape') return free(node, 1);
      if (node.op === 'Slice') return free(node, 2);
      return node;
    });
    return [...added, ...rewritten].sort(byDependency(input, batch));
  };

/** TensorFlow reads nodes in any order, but the constants go first and the batch's length right after the input. */
const byDependency =
  (input: string, batch: string) =>
  (a: GraphNode, b: GraphNode): number => {
    const rank = ({ name, op }: GraphNode): number => (name === input ? 1 : op === 'Const' ? 0 : name.startsWith(batch) ? 2 : 3);
    return rank(a) - rank(b);
  };

function literal(byName: ReadonlyMap<string, GraphNode>, ref: string): Int32Array {
  const value = byName.get(nodeOf(ref))?.attrs['value'];
  if (value?.kind !== 'tensor' || !(value.value.values instanceof Int32Array)) throw new Error(`${ref} is no integer constant`);
  return value.value.values;
}

function firstFree(byName: ReadonlyMap<string, GraphNode>, ref: string): Int32Array {
  const dims = literal(byName, ref).slice();
  dims[0] = -1;
  return dims;
}

function constant(name: string, values: Int32Array): GraphNode {
  const shape = [values.length];
  return { name, op: 'Const', inputs: [], attrs: { dtype: { kind: 'type', value: 'int32' }, value: { kind: 'tensor', value: { shape, dtype: 'int32', values } } }, outputs: [{ shape, dtype: 'int32' }] };
}

/** Nodes that give the number of images as int32 [1]. */
function batchLength(input: string, added: GraphNode[]): string {
  const name = `${input}/batch`;
  const T = { kind: 'type', value: 'int32' } as const;
  added.push(
    { name: `${name}_shape`, op: 'Shape', inputs: [input], attrs: { T: { kind: 'type', value: 'uint8' }, out_type: T }, outputs: [{ shape: [4], dtype: 'int32' }] },
    constant(`${name}_from`, Int32Array.of(0)),
    constant(`${name}_size`, Int32Array.of(1)),
    { name, op: 'Slice', inputs: [`${name}_shape`, `${name}_from`, `${name}_size`], attrs: { T, Index: T }, outputs: [{ shape: [1], dtype: 'int32' }] },
  );
  return name;
}

function tiled(node: GraphNode, byName: ReadonlyMap<string, GraphNode>, batch: string, added: GraphNode[]): GraphNode {
  const rest = literal(byName, node.inputs[1] as string).slice(1);
  const name = `${node.name}/multiples`;
  added.push(constant(`${name}_rest`, rest), constant(`${name}_axis`, Int32Array.of(0)));
  // ConcatV2's axis is a scalar.
  const axis = added.at(-1) as GraphNode;
  axis.attrs = { ...axis.attrs, value: { kind: 'tensor', value: { shape: [], dtype: 'int32', values: Int32Array.of(0) } } };
  const T = { kind: 'type', value: 'int32' } as const;
  const multiples: GraphNode = { name, op: 'ConcatV2', inputs: [batch, `${name}_rest`, `${name}_axis`], attrs: { N: { kind: 'int', value: 2 }, T, Tidx: T }, outputs: [{ shape: [rest.length + 1], dtype: 'int32' }] };
  added.push(multiples);
  return { ...node, inputs: node.inputs.with(1, name) };
}
