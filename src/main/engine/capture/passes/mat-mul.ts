import type { GraphAttr, Pass } from '../graph';

/**
 * Replaces BatchMatMulV2, by which tfjs multiplies all matrices, by MatMul where the rank is 2: MatMul gives the same
 * and can be fused.
 */
export const matMul: Pass = (nodes) =>
  nodes.map((node) => {
    if (node.op !== 'BatchMatMulV2' || node.outputs[0]?.shape.length !== 2) return node;
    const { adj_x, adj_y, T } = node.attrs;
    const off: GraphAttr = { kind: 'bool', value: false };
    return {
      ...node,
      op: 'MatMul',
      attrs: { ...(T ? { T } : {}), transpose_a: adj_x ?? off, transpose_b: adj_y ?? off },
    };
  });
