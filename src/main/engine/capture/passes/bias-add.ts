import { infoOf, nodeOf, type Pass } from '../graph';

const PRODUCERS = new Set(['MatMul', 'Conv2D', 'DepthwiseConv2dNative']);

/**
 * Replaces the addition of a vector to the last axis of a matrix product or convolution by BiasAdd, which grappler
 * fuses into it.
 */
export const biasAdd: Pass = (nodes) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return nodes.map((node) => {
    const [value, bias] = node.inputs;
    if (node.op !== 'AddV2' || !value || !bias || !PRODUCERS.has(byName.get(nodeOf(value))?.op ?? '')) return node;
    const { shape } = infoOf(byName, bias);
    if (shape.length !== 1 || shape[0] !== node.outputs[0]?.shape.at(-1)) return node;
    const { T } = node.attrs;
    return { ...node, op: 'BiasAdd', attrs: { ...(T ? { T } : {}), data_format: { kind: 'string', value: 'NHWC' } } };
  });
};
