import { isControl, outputOf, type GraphNode, type Pass } from '../graph';

/** The attributes that type an op's inputs and outputs, by their index; only these may be of bfloat16. */
interface Ends {
  inputs: Readonly<Record<number, string>>;
  outputs: Readonly<Record<number, string>>;
}

/** Ops of ours that read or write bfloat16. */
export const HALF_ENDS: Readonly<Record<string, Ends>> = {
  StudioLinear: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioLinearGrad: { inputs: { 0: 'Tx', 2: 'Tdy' }, outputs: { 0: 'Tdx' } },
  StudioGelu: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioGeluGrad: { inputs: { 0: 'Tdy', 1: 'Tx' }, outputs: { 0: 'Tdx' } },
  StudioLayerNorm: { inputs: {}, outputs: { 0: 'Ty' } },
  StudioLayerNormGrad: { inputs: { 0: 'Tdy' }, outputs: {} },
  StudioAttention: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioAttentionGrad: { inputs: { 0: 'Tx', 1: 'Tdy' }, outputs: { 0: 'Tdx' } },
  StudioCrossAttention: { inputs: { 0: 'Tx', 1: 'Tkv' }, outputs: { 0: 'Ty' } },
  StudioCrossAttentionGrad: { inputs: { 0: 'Tx', 1: 'Tkv', 2: 'Tdy' }, outputs: { 0: 'Tdq', 1: 'Tdkv' } },
  StudioWindowAttention: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioWindowAttentionGrad: { inputs: { 0: 'Tx', 4: 'Tdy' }, outputs: { 0: 'Tdx' } },
};
const PRODUCTS = new Set(['StudioLinear', 'StudioLinearGrad']);

const isHalfProduct = ({ op, attrs }: GraphNode): boolean => PRODUCTS.has(op) && attrs['half_products']?.value === true;
/** Products in float32 read and write float32. */
const endsOf = (node: GraphNode): Ends | undefined =>
  PRODUCTS.has(node.op) && !isHalfProduct(node) ? undefined : HALF_ENDS[node.op];

interface Reader {
  node: GraphNode;
  input: number;
}

function readersOf(nodes: readonly GraphNode[]): Map<string, Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const node of nodes)
    node.inputs.forEach((ref, input) => {
      if (isControl(ref)) return;
      const output = outputOf(ref);
      readers.set(output, [...(readers.get(output) ?? []), { node, input }]);
    });
  return readers;
}

/**
 * Keeps activations and their gradients in bfloat16 between ops of ours where a product in bfloat16 makes or reads
 * them, and all that read them can (torch.autocast's linear layers give bfloat16 too): they pass through memory at half
 * the width. What these ops compute, and the stream that branches are added to, stays in float32.
 */
export const halfActivations: Pass = (nodes, kept) => {
  const readers = readersOf(nodes);
  const outside = new Set([...kept].map(outputOf));
  const isHalf = (node: GraphNode, output: number): boolean => {
    const name = `${node.name}:${output}`;
    const reading = readers.get(name) ?? [];
    return (
      endsOf(node)?.outputs[output] !== undefined &&
      node.outputs[output]?.dtype === 'float32' &&
      !outside.has(name) &&
      reading.length > 0 &&
      reading.every((reader) => endsOf(reader.node)?.inputs[reader.input] !== undefined) &&
      [node, ...reading.map((reader) => reader.node)].some(isHalfProduct)
    );
  };
  const half = new Set(
    nodes.flatMap((node) => node.outputs.map((_, at) => (isHalf(node, at) ? `${node.name}:${at}` : null))),
  );
  return nodes.map((node) => {
    const ends = endsOf(node);
    if (!ends) return node;
    const types = [
      ...Object.entries(ends.inputs).filter(([at]) => half.has(outputOf(node.inputs[Number(at)] as string))),
      ...Object.entries(ends.outputs).filter(([at]) => half.has(`${node.name}:${at}`)),
    ];
    if (!types.length) return node;
    return {
      ...node,
      attrs: {
        ...node.attrs,
        ...Object.fromEntries(types.map(([, attr]) => [attr, { kind: 'type', value: 'bfloat16' } as const])),
      },
      outputs: node.outputs.map((info, at) =>
        half.has(`${node.name}:${at}`) ? { ...info, dtype: 'bfloat16' as const } : info,
      ),
    };
  });
};
