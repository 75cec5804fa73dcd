import { isControl, nodeOf, outputOf, type GraphNode, type Pass } from '../graph';

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
  StudioBatchNorm: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioBatchNormGrad: { inputs: { 0: 'Tdy', 1: 'Tx' }, outputs: { 0: 'Tdx' } },
  StudioConv: { inputs: { 0: 'Tx' }, outputs: { 0: 'Ty' } },
  StudioConvWeightGrad: { inputs: { 0: 'Tx', 1: 'Tdy' }, outputs: {} },
};
const PRODUCTS = new Set(['StudioLinear', 'StudioLinearGrad', 'StudioConv', 'StudioConvWeightGrad']);

const isHalfProduct = ({ op, attrs }: GraphNode): boolean => PRODUCTS.has(op) && attrs['half_products']?.value === true;
/** Products in float32 read and write float32. */
const endsOf = (node: GraphNode): Ends | undefined =>
  PRODUCTS.has(node.op) && !isHalfProduct(node) ? undefined : HALF_ENDS[node.op];

/** Casts to and from bfloat16, which `autocast` puts around TensorFlow's own products (the convolutions). */
const isCast = ({ op, attrs }: GraphNode, from: string, to: string): boolean =>
  op === 'Cast' && attrs['SrcT']?.value === from && attrs['DstT']?.value === to;
const isNarrowing = (node: GraphNode): boolean => isCast(node, 'float32', 'bfloat16');
const isWidening = (node: GraphNode): boolean => isCast(node, 'bfloat16', 'float32');

const readsHalf = ({ node, input }: Reader): boolean =>
  endsOf(node)?.inputs[input] !== undefined || (isNarrowing(node) && input === 0);
const makesHalf = (node: GraphNode, output: number): boolean =>
  endsOf(node)?.outputs[output] !== undefined || isWidening(node);

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

/** Returns the refs of the float32 tensors that can be kept in bfloat16, as `node:index`. */
function halfOutputs(nodes: readonly GraphNode[], kept: ReadonlySet<string>): Set<string> {
  const readers = readersOf(nodes);
  const outside = new Set([...kept].map(outputOf));
  const isHalf = (node: GraphNode, output: number): boolean => {
    const name = `${node.name}:${output}`;
    const reading = readers.get(name) ?? [];
    return (
      makesHalf(node, output) &&
      node.outputs[output]?.dtype === 'float32' &&
      !outside.has(name) &&
      reading.length > 0 &&
      reading.every(readsHalf) &&
      [node, ...reading.map((reader) => reader.node)].some(
        (each) => isHalfProduct(each) || isNarrowing(each) || isWidening(each),
      )
    );
  };
  return new Set(
    nodes
      .flatMap((node) => node.outputs.map((_, at) => (isHalf(node, at) ? `${node.name}:${at}` : null)))
      .filter((name) => name !== null),
  );
}

/** Sets the types of the ends of one of our ops that are bfloat16. */
function typed(node: GraphNode, half: ReadonlySet<string>): GraphNode {
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
}

/** Leaves out the casts of tensors that are bfloat16 now; their readers take what the cast read. */
function withoutCasts(nodes: readonly GraphNode[], half: ReadonlySet<string>): GraphNode[] {
  const replaced = new Map<string, string>();
  for (const node of nodes) {
    const [input] = node.inputs as [string];
    if (isNarrowing(node) ? half.has(outputOf(input)) : isWidening(node) && half.has(`${node.name}:0`))
      replaced.set(node.name, input);
  }
  const source = (ref: string): string => {
    const instead = replaced.get(nodeOf(ref));
    if (instead === undefined) return ref;
    return source(isControl(ref) ? `^${nodeOf(instead)}` : instead);
  };
  return nodes.filter((node) => !replaced.has(node.name)).map((node) => ({ ...node, inputs: node.inputs.map(source) }));
}

/**
 * Keeps activations and their gradients in bfloat16 between products in bfloat16 and ops of ours, where all that read
 * them can (torch.autocast's linear layers and convolutions give bfloat16 too): they pass through memory at half the
 * width. What our ops compute, and the stream that branches are added to, stays in float32.
 */
export const halfActivations: Pass = (nodes, kept) => {
  const half = halfOutputs(nodes, kept);
  return withoutCasts(
    nodes.map((node) => typed(node, half)),
    half,
  );
};
