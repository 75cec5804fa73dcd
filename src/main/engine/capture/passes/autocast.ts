import { infoOf, isControl, nodeOf, type GraphAttr, type GraphNode, type Info, type Pass } from '../graph';

/** Products, where the time goes and where half the bits are enough: torch.autocast's list for linear layers, convolutions and attention. */
const PRODUCTS = new Set(['MatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter']);
/** Of a constant they give a constant. */
const CARRY = new Set(['Reshape', 'Tile', 'Transpose', 'Identity']);

const FLOAT: GraphAttr = { kind: 'type', value: 'float32' };
const HALF: GraphAttr = { kind: 'type', value: 'bfloat16' };
const EXACT: GraphAttr = { kind: 'bool', value: false };

const castTo = (name: string, input: string, { shape }: Info, to: 'float32' | 'bfloat16'): GraphNode => ({
  ...{ name, op: 'Cast', inputs: [input] },
  attrs: { SrcT: to === 'float32' ? HALF : FLOAT, DstT: to === 'float32' ? FLOAT : HALF, Truncate: EXACT },
  outputs: [{ shape, dtype: to }],
});

/**
 * bfloat16 products of the nodes of some signatures: casts before and after, so that variables, sums, norms, softmax and loss stay in float32.
 * A product with a constant matrix (the low-frequency crop, resampling of position embeddings) stays exact.
 * @param applies to a node, by its name
 */
export const autocast = (applies: (name: string) => boolean): Pass => {
  return (nodes) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const constants = new Map<string, boolean>();
    const isConstant = (ref: string): boolean => {
      const name = nodeOf(ref);
      const known = constants.get(name);
      if (known !== undefined) return known;
      const node = byName.get(name);
      const found = node?.op === 'Const' || (node !== undefined && CARRY.has(node.op) && isConstant(node.inputs[0] as string));
      constants.set(name, found);
      return found;
    };
    // A convolution's gradient takes sizes too, which are whole numbers.
    const isFloat = (input: string): boolean => !isControl(input) && infoOf(byName, input).dtype === 'float32';
    const casts = new Set<string>();
    return nodes.flatMap((node) => {
      const [output] = node.outputs;
      if (!output || !PRODUCTS.has(node.op) || output.dtype !== 'float32' || !applies(node.name)) return [node];
      if (node.inputs.some((input) => isFloat(input) && isConstant(input))) return [node];
      const made: GraphNode[] = [];
      const half = (input: string): string => {
        if (!isFloat(input)) return input;
        const name = `${input.replace(':', '_')}/bfloat16`;
        if (!casts.has(name)) made.push(castTo(name, input, infoOf(byName, input), 'bfloat16'));
        casts.add(name);
        return name;
      };
      const inner: GraphNode = {
        ...node,
        name: `${node.name}/product`,
        inputs: node.inputs.map(half),
        attrs: { ...node.attrs, T: HALF },
        outputs: [{ shape: output.shape, dtype: 'bfloat16' }],
      };
      return [...made, inner, castTo(node.name, inner.name, output, 'float32')];
    });
  };
};
