import type { GraphNode, Literal } from '../capture/graph';
import { sizeOf } from '../size-of';

/** Replaces each read of a variable by a constant of its value. @throws if a variable has no value of its shape */
export function freezeVariables(nodes: readonly GraphNode[], values: Record<string, Float32Array>): GraphNode[] {
  const names = new Map(
    nodes
      .filter(({ op }) => op === 'VarHandleOp')
      .map(({ name, attrs }) => [name, attrs['shared_name']?.value as string]),
  );
  return nodes.map((node) => {
    if (node.op !== 'ReadVariableOp') return node;
    const name = names.get(node.inputs[0] ?? '') ?? '';
    const [info] = node.outputs;
    const value = values[name];
    if (!info || value?.length !== sizeOf(info.shape)) throw new Error(`no value for ${name}`);
    const literal: Literal = { shape: info.shape, dtype: 'float32', values: value };
    return {
      name: node.name,
      op: 'Const',
      inputs: [],
      attrs: { dtype: { kind: 'type', value: 'float32' }, value: { kind: 'tensor', value: literal } },
      outputs: node.outputs,
    };
  });
}
