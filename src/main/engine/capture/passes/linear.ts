import { infoOf, type GraphNode, type Pass } from '../graph';
import { onlyRead } from './only-read';

/** With fewer rows, packing the weights takes longer than multiplying by them. */
const LEAST_ROWS = 32;

const isTrue = ({ attrs }: GraphNode, attr: string): boolean => attrs[attr]?.value === true;

/**
 * Forward passes of linear layers by our own op (backend/native/kernels/linear.cc), an addition that follows (a block's branch to its trunk) included:
 * one after the other, on all threads, they are where oneDNN as TensorFlow calls it is slower than it could be. After autocast, whose bfloat16
 * products stay oneDNN's.
 */
export const linear: Pass = (nodes, kept) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const only = onlyRead(nodes, kept);
  const made = new Map<string, GraphNode>();
  const taken = new Set<string>();
  for (const node of nodes) {
    const product = node.op === 'BiasAdd' ? only(node.inputs[0]) : undefined;
    if (product?.op !== 'MatMul' || product.inputs.length !== 2) continue;
    const [info] = product.outputs;
    if (info?.dtype !== 'float32' || (info.shape[0] ?? 0) < LEAST_ROWS) continue;
    if (isTrue(product, 'transpose_a') || isTrue(product, 'transpose_b')) continue;
    taken.add(product.name);
    made.set(node.name, { ...node, op: 'StudioLinear', inputs: [...product.inputs, ...node.inputs.slice(1)], attrs: {} });
  }
  for (const node of nodes) {
    const [trunk, branch] = node.op === 'AddV2' ? node.inputs : [];
    const layer = made.get(only(branch)?.name ?? '');
    if (!trunk || !layer || infoOf(byName, trunk).shape.join() !== layer.outputs[0]?.shape.join()) continue;
    taken.add(layer.name);
    made.set(node.name, { ...node, op: 'StudioLinearAdd', inputs: [...layer.inputs, trunk], attrs: {} });
  }
  return nodes.filter(({ name }) => !taken.has(name)).map((node) => made.get(node.name) ?? node);
};
