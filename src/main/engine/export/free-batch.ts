/**
 * Makes a graph for any batch size out of traces at fixed ones. The same program is traced at three batch sizes; what
 * differs between the traces depends on the batch. Shapes that are constants of a trace have to be affine in the batch
 * size (a + b * N: the first two traces give a and b, the third proves them), and are computed in the graph from the
 * input's own shape. Any other difference is refused.
 */
import type { Graph, GraphAttr, GraphNode, Info, Literal } from '../capture/graph';

/**
 * Large primes, of which no size of a model is a multiple by chance. Tracing executes nothing, so they cost nothing.
 */
export const TRACE_BATCHES = [7919, 7927, 7933] as const;

const INT: GraphAttr = { kind: 'type', value: 'int32' };

/**
 * Makes the graph. @throws if the traces differ in more than the batch size @param input node of the placeholder whose
 * first axis is the batch
 */
export function freeBatch(traces: readonly [Graph, Graph, Graph], input: string): Graph {
  const [first, second, third] = traces;
  if (first.nodes.length !== second.nodes.length || first.nodes.length !== third.nodes.length)
    throw new Error('the number of nodes depends on the batch size');
  const nodes = first.nodes.flatMap((node, index) =>
    merge(node, second.nodes[index] as GraphNode, third.nodes[index] as GraphNode),
  );
  const at = nodes.findIndex(({ name }) => name === input) + 1;
  if (!at) throw new Error(`the graph has no node ${input}`);
  const signatures = Object.fromEntries(
    Object.entries(first.signatures).map(([name, { inputs, outputs }]) => {
      const other = second.signatures[name];
      const free = (ends: typeof inputs, others: typeof inputs | undefined): typeof inputs =>
        Object.fromEntries(
          Object.entries(ends).map(([key, end]) => [key, { ...end, shape: freeShape(end, others?.[key] ?? end) }]),
        );
      return [name, { inputs: free(inputs, other?.inputs), outputs: free(outputs, other?.outputs) }];
    }),
  );
  return { ...first, nodes: [...nodes.slice(0, at), ...batchSize(input), ...nodes.slice(at)], signatures };
}

const SIZE_NODE = 'batch/size';

/** Makes nodes that compute the batch size as an int32 scalar. */
function batchSize(input: string): GraphNode[] {
  const vector = (name: string, value: number): GraphNode =>
    constant(name, { shape: [1], dtype: 'int32', values: Int32Array.of(value) });
  const masks = Object.fromEntries(
    ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask'].map((mask): [string, GraphAttr] => [
      mask,
      { kind: 'int', value: 0 },
    ]),
  );
  return [
    {
      name: 'batch/shape',
      op: 'Shape',
      inputs: [input],
      attrs: { T: { kind: 'type', value: 'uint8' }, out_type: INT },
      outputs: [{ shape: [4], dtype: 'int32' }],
    },
    vector('batch/begin', 0),
    vector('batch/end', 1),
    {
      name: SIZE_NODE,
      op: 'StridedSlice',
      inputs: ['batch/shape', 'batch/begin', 'batch/end', 'batch/end'],
      attrs: { T: INT, Index: INT, ...masks, shrink_axis_mask: { kind: 'int', value: 1 } },
      outputs: [{ shape: [], dtype: 'int32' }],
    },
  ];
}

const constant = (name: string, literal: Literal): GraphNode => ({
  name,
  op: 'Const',
  inputs: [],
  attrs: { dtype: { kind: 'type', value: literal.dtype }, value: { kind: 'tensor', value: literal } },
  outputs: [literal],
});

const freeShape = (a: Info, b: Info): number[] => {
  if (a.shape.length !== b.shape.length) throw new Error('a rank depends on the batch size');
  return a.shape.map((size, axis) => (size === b.shape[axis] ? size : -1));
};

function merge(a: GraphNode, b: GraphNode, c: GraphNode): GraphNode[] {
  for (const other of [b, c]) {
    if (other.name !== a.name || other.op !== a.op || other.inputs.join() !== a.inputs.join())
      throw new Error(`${a.name} (${a.op}) is another node at another batch size`);
  }
  const outputs = a.outputs.map((info, index) => ({ ...info, shape: freeShape(info, b.outputs[index] as Info) }));
  const differing = Object.keys(a.attrs).filter(
    (key) => !sameAttr(a.attrs[key], b.attrs[key]) || !sameAttr(a.attrs[key], c.attrs[key]),
  );
  if (!differing.length) return [{ ...a, outputs }];
  if (a.op === 'Placeholder' && differing.join() === 'shape')
    return [{ ...a, attrs: { ...a.attrs, shape: { kind: 'shape', value: outputs[0]?.shape ?? [] } }, outputs }];
  if (a.op === 'Const' && differing.join() === 'value') return computed(a.name, [a, b, c].map(literalOf));
  throw new Error(`${a.name} (${a.op}): ${differing.join(', ')} depends on the batch size`);
}

function sameAttr(a: GraphAttr | undefined, b: GraphAttr | undefined): boolean {
  if (a?.kind !== 'tensor' || b?.kind !== 'tensor') return JSON.stringify(a) === JSON.stringify(b);
  const [left, right] = [a.value, b.value];
  if (left.dtype !== right.dtype || left.shape.join() !== right.shape.join()) return false;
  return (
    left.values.length === right.values.length &&
    Array.from<unknown>(left.values).every((value, index) => Object.is(value, right.values[index]))
  );
}

function literalOf({ name, attrs }: GraphNode): Literal {
  const { value } = attrs;
  if (value?.kind !== 'tensor') throw new Error(`${name} holds no value`);
  return value.value;
}

/** Makes nodes that compute the constant's value at batch size N, as offset + slope * N. */
function computed(name: string, literals: Literal[]): GraphNode[] {
  const [a, b, c] = literals as [Literal, Literal, Literal];
  if (a.dtype !== 'int32' || a.shape.join() !== b.shape.join() || a.shape.join() !== c.shape.join())
    throw new Error(`${name}: a value that is no shape depends on the batch size`);
  const [n1, n2, n3] = TRACE_BATCHES;
  const values = (literal: Literal): number[] => Array.from(literal.values as Int32Array);
  const [at1, at2, at3] = [values(a), values(b), values(c)];
  const slope = at1.map((value, index) => ((at2[index] as number) - value) / (n2 - n1));
  const offset = at1.map((value, index) => value - (slope[index] as number) * n1);
  const affine = slope.every(
    (step, index) => Number.isInteger(step) && (offset[index] as number) + step * n3 === at3[index],
  );
  if (!affine) throw new Error(`${name}: its value is not affine in the batch size`);
  const part = (suffix: string, list: number[]): GraphNode =>
    constant(`${name}/${suffix}`, { shape: a.shape, dtype: 'int32', values: Int32Array.from(list) });
  const info: Info = { shape: a.shape, dtype: 'int32' };
  return [
    part('slope', slope),
    part('offset', offset),
    { name: `${name}/product`, op: 'Mul', inputs: [`${name}/slope`, SIZE_NODE], attrs: { T: INT }, outputs: [info] },
    { name, op: 'AddV2', inputs: [`${name}/product`, `${name}/offset`], attrs: { T: INT }, outputs: [info] },
  ];
}
