import { nodeOf, type GraphNode, type Pass } from '../graph';

/** With fewer rows, packing the weights takes longer than multiplying by them. */
const LEAST_ROWS = 32;

const isTrue = ({ attrs }: GraphNode, attr: string): boolean => attrs[attr]?.value === true;

/**
 * Forward passes of linear layers by our own op (backend/native/kernels/linear.cc): one after the other, on all threads, they are where oneDNN as
 * TensorFlow calls it is slower than it could be. After autocast, whose bfloat16 products stay oneDNN's.
 */
export const linear: Pass = (nodes, kept) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const readers = new Map<string, number>();
  for (const ref of [...nodes.flatMap(({ inputs }) => inputs), ...kept])
    readers.set(nodeOf(ref), (readers.get(nodeOf(ref)) ?? 0) + 1);
  const productOf = (node: GraphNode): GraphNode | null => {
    const product = node.op === 'BiasAdd' ? byName.get(nodeOf(node.inputs[0] as string)) : undefined;
    if (product?.op !== 'MatMul' || product.inputs.length !== 2 || readers.get(product.name) !== 1) return null;
    const [info] = product.outputs;
    if (info?.dtype !== 'float32' || (info.shape[0] ?? 0) < LEAST_ROWS) return null;
    return isTrue(product, 'transpose_a') || isTrue(product, 'transpose_b') ? null : product;
  };
  const taken = new Set<string>();
  const rewritten = nodes.map((node) => {
    const product = productOf(node);
    if (!product) return node;
    taken.add(product.name);
    return { ...node, op: 'StudioLinear', inputs: [...product.inputs, ...node.inputs.slice(1)], attrs: {} };
  });
  return rewritten.filter(({ name }) => !taken.has(name));
};
