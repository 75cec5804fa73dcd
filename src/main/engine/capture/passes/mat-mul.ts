import type { GraphAttr, Pass } from '../graph';

/** tfjs multiplies matrices with BatchMatMulV2 always; on rank 2 MatMul is the same and can be fused. */
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
