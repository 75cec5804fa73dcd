import type { Pass } from '../graph';

/** For exports: variables become constants with these values. */
export const freeze =
  (values: Readonly<Record<string, Float32Array | Int32Array>>): Pass =>
  (nodes) =>
    nodes.map((node) => {
      if (node.op !== 'ReadVariableOp') return node;
      const name = node.inputs[0]?.replace(/^var\//, '') ?? '';
      const value = values[name];
      const info = node.outputs[0];
      if (!value || !info) throw new Error(`no value for ${name}`);
      return { ...node, op: 'Const', inputs: [], attrs: { dtype: { kind: 'type', value: info.dtype }, value: { kind: 'tensor', value: { ...info, values: value } } } };
    });
