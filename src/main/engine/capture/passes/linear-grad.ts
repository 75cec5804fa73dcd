import { infoOf, isControl, nodeOf, type GraphNode, type Pass } from '../graph';
import type { OwnOptions } from './half-products';

/** With fewer rows, packing takes longer than multiplying. */
const LEAST_ROWS = 32;

const isTrue = ({ attrs }: GraphNode, attr: string): boolean => attrs[attr]?.value === true;

/** Returns [transpose_a, transpose_b] of a matrix product as text; null for any other node. */
const turnsOf = (node: GraphNode): string | null =>
  node.op === 'MatMul' ? `${isTrue(node, 'transpose_a')},${isTrue(node, 'transpose_b')}` : null;

/**
 * Computes the gradients of a linear layer by one op of ours (backend/native/kernels/linear_grad.cc): dy w' for x, x'
 * dy for the weights, and the sum for the bias.
 */
export const linearGrad =
  ({ half, multipliesHalf }: OwnOptions): Pass =>
  (nodes, kept) => {
    const isHalf = half(nodes);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const readFromOutside = new Set([...kept].map(nodeOf));
    const rename = new Map<string, string>();
    const made = new Map<string, GraphNode>();
    const key = (...refs: string[]): string => refs.join(' ');
    const plain = nodes.filter(({ inputs, name }) => !inputs.some(isControl) && !readFromOutside.has(name));
    /** Indexes the nodes of one kind by their inputs. */
    const index = (keep: (node: GraphNode) => boolean, reads: (node: GraphNode) => string): Map<string, GraphNode> =>
      new Map(plain.filter(keep).map((node) => [reads(node), node]));
    const forward = new Map<string, string[]>();
    for (const node of nodes) {
      const [x, weight] = node.inputs as [string, string];
      if (turnsOf(node) === 'false,false') forward.set(weight, [...(forward.get(weight) ?? []), x]);
    }
    const ofWeights = index(
      (node) => turnsOf(node) === 'true,false',
      ({ inputs }) => key(...inputs),
    );
    const sums = index(
      ({ op }) => op === 'StudioColumnSum',
      ({ inputs }) => key(...inputs),
    );
    for (const node of plain) {
      if (turnsOf(node) !== 'false,true') continue;
      const [dy, weight] = node.inputs as [string, string];
      const x = forward.get(weight)?.find((input) => ofWeights.has(key(input, dy)));
      const infos = [dy, weight, ...(x === undefined ? [] : [x])].map((ref) => infoOf(byName, ref));
      if (x === undefined || infos.some(({ dtype }) => dtype !== 'float32') || (infos[0]?.shape[0] ?? 0) < LEAST_ROWS)
        continue;
      const dweight = ofWeights.get(key(x, dy)) as GraphNode;
      const dbias = sums.get(key(dy));
      if (rename.has(dweight.name) || dweight.outputs[0]?.dtype !== 'float32') continue;
      if (isHalf(node) !== isHalf(dweight) || (isHalf(node) && !multipliesHalf)) continue;
      rename.set(dweight.name, `${node.name}:1`);
      if (dbias && !rename.has(dbias.name)) rename.set(dbias.name, `${node.name}:2`);
      const outputs = [
        ...node.outputs,
        ...dweight.outputs,
        { shape: [infos[0]?.shape[1] as number], dtype: 'float32' as const },
      ];
      made.set(node.name, {
        ...node,
        op: 'StudioLinearGrad',
        inputs: [x, weight, dy],
        attrs: { half_products: { kind: 'bool', value: isHalf(node) } },
        outputs,
      });
    }
    const renamed = (input: string): string => (isControl(input) ? input : (rename.get(nodeOf(input)) ?? input));
    return nodes
      .filter(({ name }) => !rename.has(name))
      .map((node) => made.get(node.name) ?? node)
      .map((node) => ({ ...node, inputs: node.inputs.map(renamed) }));
  };
