/** Which nodes of a graph TensorFlow's build for CUDA has a GPU kernel for: golden/gpu-kernels, made by its make.py. */
import type { GraphNode } from '../../src/main/engine/capture/graph';
import kernelsJson from '../golden/gpu-kernels/kernels.json';

/** The types that each attribute may have; `host`: inputs and outputs in the processor's memory. */
type Kernel = Readonly<Record<string, readonly string[]>>;

const KERNELS = kernelsJson as Readonly<Record<string, readonly Kernel[]>>;

/** The types that a node's attribute names; none where the node leaves it at its default, which any kernel takes. */
function typesOf({ attrs }: GraphNode, name: string): readonly string[] {
  const attr = attrs[name];
  if (attr?.kind !== 'type') return [];
  return Array.isArray(attr.value) ? attr.value : [attr.value];
}

/** The kernel that a GPU has for a node's types; undefined: none. */
export function gpuKernelOf(node: GraphNode): Kernel | undefined {
  const kernels = Object.hasOwn(KERNELS, node.op) ? (KERNELS[node.op] ?? []) : [];
  return kernels.find((kernel) =>
    Object.entries(kernel).every(
      ([name, types]) => name === 'host' || typesOf(node, name).every((type) => types.includes(type)),
    ),
  );
}

/** What a node is to somebody who has to replace it. */
export const described = (node: GraphNode): string => {
  const types = Object.entries(node.attrs).filter(([, { kind }]) => kind === 'type');
  return `${node.op} (${types.map(([name]) => `${name}=${typesOf(node, name).join('+')}`).join(', ')})`;
};

/** Of nodes that no GPU has a kernel for, each op once. */
export const withoutGpuKernel = (nodes: readonly GraphNode[]): string[] => [
  ...new Set(nodes.filter((node) => !gpuKernelOf(node)).map(described)),
];

/** Small whole numbers that a kernel is told by, which lie in the processor's memory anyway. */
const TOLD = new Set([
  ...[
    'axis',
    'begin',
    'concat_dim',
    'depth',
    'dim',
    'dimension',
    'end',
    'input_sizes',
    'filter_sizes',
    'multiples',
    'paddings',
  ],
  ...[
    'perm',
    'reduction_indices',
    'resource',
    'seed',
    'shape',
    'size',
    'split_dim',
    'strides',
    'alg',
    'dims',
    'host_args',
  ],
  ...['constant_values', 'size_splits'],
]);

/** Nodes whose GPU kernel wants floating-point numbers in the processor's memory: each costs a copy both ways. */
export const throughHostMemory = (nodes: readonly GraphNode[]): string[] => [
  ...new Set(
    nodes
      .filter(({ outputs }) => outputs.some(({ dtype }) => dtype === 'float32' || dtype === 'bfloat16'))
      .map((node) => ({ node, host: (gpuKernelOf(node)?.['host'] ?? []).filter((name) => !TOLD.has(name)) }))
      .filter(({ host }) => host.length > 0)
      .map(({ node, host }) => `${described(node)}: ${host.join(', ')}`),
  ),
];
