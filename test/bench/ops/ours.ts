/**
 * Runs our side of the bench of single ops, and TensorFlow's own ops. Lines in: an OpRequest; out: {"ms": [...]}.
 * `main(['tensorflow'])` runs TensorFlow's.
 */
import { createInterface } from 'node:readline';
import { applyEngineEnvironment } from '../../../src/main/engine/backend/environment';
import { DTYPE } from '../../../src/main/engine/backend/dtype';
import { loadBinding } from '../../../src/main/engine/backend/load';
import type { Binding } from '../../../src/main/engine/backend/node-backend';
import { toAddonAttrs } from '../../../src/main/engine/backend/raw-op';
import { int } from '../../../src/main/engine/layers/attrs';
import type { Attr } from '../../../src/main/engine/types';
import type { OpCase, OpRequest, Pass } from './cases';

/** An op with its inputs, which are names of the case's tensors. */
interface Node {
  op: string;
  inputs: string[];
  attrs: Record<string, Attr>;
  outputs: number;
}

function ownNodes({ kernel }: OpCase, pass: Pass): Node[] {
  const attrs = { stride: int(1), padding: int((kernel - 1) / 2) };
  return pass === 'forward'
    ? [{ op: 'StudioDepthwise', inputs: ['x', 'weight', 'bias'], attrs, outputs: 1 }]
    : [{ op: 'StudioDepthwiseGrad', inputs: ['dy', 'x', 'weight'], attrs, outputs: 3 }];
}

function tensorflowNodes(_: OpCase, pass: Pass): Node[] {
  const T: Attr = { kind: 'type', value: 'float32' };
  const format: Attr = { kind: 'string', value: 'NHWC' };
  const attrs: Record<string, Attr> = {
    ...{ T, strides: int([1, 1, 1, 1]), dilations: int([1, 1, 1, 1]) },
    ...{ padding: { kind: 'string', value: 'SAME' }, data_format: format },
  };
  const bias = { T, data_format: format };
  if (pass === 'forward')
    return [
      { op: 'DepthwiseConv2dNative', inputs: ['x', 'weight'], attrs, outputs: 1 },
      { op: 'BiasAdd', inputs: ['dy', 'bias'], attrs: bias, outputs: 1 },
    ];
  return [
    { op: 'DepthwiseConv2dNativeBackpropInput', inputs: ['x_shape', 'weight', 'dy'], attrs, outputs: 1 },
    { op: 'DepthwiseConv2dNativeBackpropFilter', inputs: ['x', 'weight_shape', 'dy'], attrs, outputs: 1 },
    { op: 'BiasAddGrad', inputs: ['dy'], attrs: bias, outputs: 1 },
  ];
}

/** Makes the tensors of a case, by name. */
function tensorsOf(binding: Binding, { batch, side, channels, kernel }: OpCase): Record<string, number> {
  const shapes: Record<string, number[]> = {
    ...{ x: [batch, side, side, channels], dy: [batch, side, side, channels] },
    ...{ weight: [kernel, kernel, channels, 1], bias: [channels] },
  };
  const floats = Object.entries(shapes).map(([name, shape]): [string, number] => {
    const values = Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, at) =>
      Math.sin(at),
    );
    return [name, binding.createTensor(shape, DTYPE.float32, values)];
  });
  const sizes = ['x', 'weight'].map((name): [string, number] => {
    const shape = shapes[name] as number[];
    return [`${name}_shape`, binding.createTensor([shape.length], DTYPE.int32, Int32Array.from(shape))];
  });
  return Object.fromEntries([...floats, ...sizes]);
}

/** @param which `tensorflow`, or nothing */
export async function main([which = '']: string[]): Promise<void> {
  applyEngineEnvironment({ intraOpThreads: Number(process.env['BENCH_THREADS'] ?? 2), interOpThreads: null });
  const binding = loadBinding();
  const made = new Map<string, Record<string, number>>();
  for await (const line of createInterface({ input: process.stdin })) {
    const { run, pass, times } = JSON.parse(line) as OpRequest;
    const key = JSON.stringify(run);
    const tensors = made.get(key) ?? tensorsOf(binding, run);
    made.set(key, tensors);
    const nodes = (which === 'tensorflow' ? tensorflowNodes : ownNodes)(run, pass).map((node) => ({
      ...{ ...node, attrs: toAddonAttrs(node.attrs), ids: node.inputs.map((name) => tensors[name] as number) },
    }));
    const ms = Array.from({ length: times }, () => {
      const begun = performance.now();
      const results = nodes.flatMap(({ op, attrs, ids, outputs }) => binding.executeOp(op, attrs, ids, outputs));
      const took = performance.now() - begun;
      for (const { id } of results) binding.deleteTensor(id);
      return took;
    });
    process.stdout.write(`${JSON.stringify({ ms })}\n`);
  }
}
