import { infoOf, isControl, nodeOf, type GraphNode } from '../graph';

/**
 * Products, where the time goes and where half the bits are enough: torch.autocast's list for linear layers,
 * convolutions and attention.
 */
const PRODUCTS = new Set(['MatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter']);
/** Of a constant they give a constant. */
const CARRY = new Set(['Reshape', 'Tile', 'Transpose', 'Identity']);

/** Of a graph's nodes, which are products that are to be computed in bfloat16. */
export type HalfProducts = (nodes: readonly GraphNode[]) => (node: GraphNode) => boolean;

/**
 * A product with a constant matrix (the low-frequency crop, resampling of position embeddings) stays exact.
 * @param applies to a node, by its name
 */
export const halfProducts = (applies: (name: string) => boolean): HalfProducts => {
  return (nodes) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const constants = new Map<string, boolean>();
    const isConstant = (ref: string): boolean => {
      const name = nodeOf(ref);
      const known = constants.get(name);
      if (known !== undefined) return known;
      const node = byName.get(name);
      const found =
        node?.op === 'Const' || (node !== undefined && CARRY.has(node.op) && isConstant(node.inputs[0] as string));
      constants.set(name, found);
      return found;
    };
    return ({ op, name, inputs, outputs }) =>
      PRODUCTS.has(op) &&
      outputs[0]?.dtype === 'float32' &&
      applies(name) &&
      // A convolution's gradient takes sizes too, which are whole numbers.
      !inputs.some((input) => !isControl(input) && infoOf(byName, input).dtype === 'float32' && isConstant(input));
  };
};

/** For the passes that make products our own ops'. */
export interface OwnOptions {
  half: HalfProducts;
  /** Whether our ops multiply bfloat16; what they can't is left to `autocast`. */
  multipliesHalf: boolean;
}
