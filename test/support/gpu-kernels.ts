/**
 * Finds the nodes of a graph for which TensorFlow's build for CUDA has a GPU kernel; the list is golden/gpu-kernels,
 * made by its make.py.
 */
import type { GraphNode } from '../../src/main/engine/capture/graph';
import kernelsJson from '../golden/gpu-kernels/kernels.json';

/** The types that each attribute may have; `host`: inputs and outputs in the processor's memory. */
type Kernel = Readonly<Record<string, readonly string[]>>;

const KERNELS = kernelsJson as Readonly<Record<string, readonly Kernel[]>>;

/** Returns the types that a node's attribute names; none where the node has the default, which any kernel accepts. */
function typesOf({ attrs }: GraphNode, name: string): readonly string[] {
  const attr = attrs[name];
  if (attr?.kind !== 'type') return [];
  return Array.isArray(attr.value) ? attr.value : [attr.value];
}

/** Returns the GPU's kernel for a node's types, or undefined where there is none. */
export function gpuKernelOf(node: GraphNode): Kernel | undefined {
  const kernels = Object.hasOwn(KERNELS, node.op) ? (KERNELS[node.op] ?? []) : [];
  return kernels.find((kernel) =>
    Object.entries(kernel).every(
      ([name, types]) => name === 'host' || typesOf(node, name).every((type) => types.includes(type)),
    ),
  );
}

/** Describes a node for a developer who has to replace it. */
export const described = (node: GraphNode): string => {
  const types = Object.entries(node.attrs).filter(([, { kind }]) => kind === 'type');
  return `${node.op} (${types.map(([name]) => `${name}=${typesOf(node, name).join('+')}`).join(', ')})`;
};

/** Describes the nodes for which no GPU has a kernel, each op once. */
export const withoutGpuKernel = (nodes: readonly GraphNode[]): string[] => [
  ...new Set(nodes.filter((node) => !gpuKernelOf(node)).map(described)),
];

/** Small integer arguments of kernels, which are in the processor's memory anyway. */
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

/**
 * Describes the nodes whose GPU kernel wants floating-point numbers in the processor's memory: each costs a copy both
 * ways.
 */
export const throughHostMemory = (nodes: readonly GraphNode[]): string[] => [
  ...new Set(
    nodes
      .filter(({ outputs }) => outputs.some(({ dtype }) => dtype === 'float32' || dtype === 'bfloat16'))
      .map((node) => ({ node, host: (gpuKernelOf(node)?.['host'] ?? []).filter((name) => !TOLD.has(name)) }))
      .filter(({ host }) => host.length > 0)
      .map(({ node, host }) => `${described(node)}: ${host.join(', ')}`),
  ),
];
