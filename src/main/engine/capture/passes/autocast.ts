import { infoOf, isControl, type GraphAttr, type GraphNode, type Info, type Pass } from '../graph';
import type { HalfProducts } from './half-products';

const FLOAT: GraphAttr = { kind: 'type', value: 'float32' };
const HALF: GraphAttr = { kind: 'type', value: 'bfloat16' };
const EXACT: GraphAttr = { kind: 'bool', value: false };

const castTo = (name: string, input: string, { shape }: Info, to: 'float32' | 'bfloat16'): GraphNode => ({
  ...{ name, op: 'Cast', inputs: [input] },
  attrs: { SrcT: to === 'float32' ? HALF : FLOAT, DstT: to === 'float32' ? FLOAT : HALF, Truncate: EXACT },
  outputs: [{ shape, dtype: to }],
});

/**
 * Computes products in bfloat16 with casts before and after, so that variables, sums, norms, softmax and loss stay in
 * float32.
 */
export const autocast = (half: HalfProducts): Pass => {
  return (nodes) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const isHalf = half(nodes);
    const casts = new Set<string>();
    return nodes.flatMap((node) => {
      const [output] = node.outputs;
      if (!output || !isHalf(node)) return [node];
      const made: GraphNode[] = [];
      const cast = (input: string): string => {
        if (isControl(input) || infoOf(byName, input).dtype !== 'float32') return input;
        const name = `${input.replace(':', '_')}/bfloat16`;
        if (!casts.has(name)) made.push(castTo(name, input, infoOf(byName, input), 'bfloat16'));
        casts.add(name);
        return name;
      };
      const inner: GraphNode = {
        ...node,
        name: `${node.name}/product`,
        inputs: node.inputs.map(cast),
        attrs: { ...node.attrs, T: HALF },
        outputs: [{ shape: output.shape, dtype: 'bfloat16' }],
      };
      return [...made, inner, castTo(node.name, inner.name, output, 'float32')];
    });
  };
};
