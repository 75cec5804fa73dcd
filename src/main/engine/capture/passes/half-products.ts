import { infoOf, isControl, nodeOf, type GraphNode } from '../graph';

/**
 * The products that take most of the time and for which bfloat16 is precise enough: torch.autocast's list for linear
 * layers, convolutions and attention.
 */
const PRODUCTS = new Set(['MatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter']);
/** Ops whose result is constant where their input is. */
const CARRY = new Set(['Reshape', 'Tile', 'Transpose', 'Identity']);

/** Selects the nodes of a graph whose products are computed in bfloat16. */
export type HalfProducts = (nodes: readonly GraphNode[]) => (node: GraphNode) => boolean;

/**
 * Selects products, except those with a constant matrix (the low-frequency crop, resampling of position embeddings),
 * which stay exact.
 * @param applies says whether a node may be selected, by its name
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
      // The gradient of a convolution also takes sizes, which are integers.
      !inputs.some((input) => !isControl(input) && infoOf(byName, input).dtype === 'float32' && isConstant(input));
  };
};

/** Options of the passes that replace products by our own ops. */
export interface OwnOptions {
  half: HalfProducts;
  /** Whether our ops multiply bfloat16. Products that they can't compute are left to `autocast`. */
  multipliesHalf: boolean;
}
