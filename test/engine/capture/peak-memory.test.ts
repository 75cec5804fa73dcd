import { describe, expect, it } from 'vitest';
import { trainSignature } from '../../support/classify';
import type { Graph, GraphNode } from '../../../src/main/engine/capture/graph';
import { peakMemory } from '../../../src/main/engine/capture/peak-memory';
import { applyPasses } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import { modelEntry } from '../../../src/main/engine/models';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { engineMissing, loaded } from '../../support/engine';

const node = (name: string, op: string, inputs: string[], elements: number): GraphNode => ({
  ...{ name, op, inputs, attrs: {} },
  outputs: [{ shape: [elements], dtype: 'float32' }],
});

const graphOf = (nodes: GraphNode[]): Graph => ({
  nodes,
  variables: { w: { shape: [100], dtype: 'float32' } },
  signatures: { step: { inputs: {}, outputs: { y: { ref: nodes.at(-1)?.name ?? '', shape: [1], dtype: 'float32' } } } },
});

it('counts what is alive at once, not what there is in all', () => {
  const chain = graphOf([
    node('x', 'Placeholder', [], 10),
    node('a', 'MatMul', ['x'], 1000),
    node('b', 'MatMul', ['a'], 1000),
    node('c', 'MatMul', ['b'], 1000),
    node('y', 'MatMul', ['c'], 1),
  ]);
  expect(peakMemory(chain, 'step')).toEqual({ variables: 400, held: 40, activations: 8000, bytes: 8440 });
});

it('keeps what is read later', () => {
  const kept = graphOf([
    node('x', 'Placeholder', [], 10),
    node('a', 'MatMul', ['x'], 1000),
    node('b', 'MatMul', ['a'], 1000),
    node('c', 'MatMul', ['b'], 1000),
    node('y', 'MatMul', ['c', 'a'], 1),
  ]);
  expect(peakMemory(kept, 'step').activations).toBe(12_000);
});

it('knows that a reshape is no copy, that elementwise ops write over their input, and leaves out what no result needs', () => {
  const graph = graphOf([
    node('x', 'Placeholder', [], 10),
    node('a', 'MatMul', ['x'], 1000),
    node('unused', 'MatMul', ['a'], 9999),
    node('b', 'Reshape', ['a'], 1000),
    node('c', 'Relu', ['b'], 1000),
    node('d', 'Relu', ['c'], 1000),
    node('y', 'Sum', ['d'], 1),
  ]);
  expect(peakMemory(graph, 'step').activations).toBe(4004);
});

it('does not write over an input that is read again', () => {
  const graph = graphOf([
    node('x', 'Placeholder', [], 10),
    node('a', 'MatMul', ['x'], 1000),
    node('c', 'Relu', ['a'], 1000),
    node('y', 'MatMul', ['c', 'a'], 1),
  ]);
  expect(peakMemory(graph, 'step').activations).toBe(8004);
});

describe('ops of ours', () => {
  const peakOf = (op: string, inputs: string[], add = false, outputs = [1000]): number => {
    const own = node('y', op, inputs, 1000);
    const last = { ...own, attrs: { add: { kind: 'bool' as const, value: add } } };
    const nodes = [
      node('x', 'Placeholder', [], 10),
      node('a', 'MatMul', ['x'], 1000),
      node('b', 'MatMul', ['x'], 1000),
    ];
    const made = { ...last, outputs: outputs.map((elements) => ({ shape: [elements], dtype: 'float32' as const })) };
    return peakMemory(graphOf([...nodes, made]), 'step').activations;
  };

  it.each(['StudioGeluGrad', 'StudioBatchNormGrad', 'StudioLayerNormGrad'])(
    '%s writes over the gradient that it is given',
    (op) => {
      expect(peakOf(op, ['a', 'b'])).toBe(8000);
      // The op's other results take new memory.
      expect(peakOf(op, ['a', 'b'], false, [1000, 10, 10])).toBe(8080);
      // The op's other inputs are not overwritten.
      expect(peakOf(op, ['x', 'b'])).toBe(8000);
    },
  );
  it.each(['StudioLinear', 'StudioConv', 'StudioWinograd'])(
    '%s writes over what it adds, and over nothing else',
    (op) => {
      expect(peakOf(op, ['x', 'a', 'b'], true)).toBe(8000);
      expect(peakOf(op, ['a', 'b'])).toBe(12_000);
    },
  );
});

it.skipIf(engineMissing)('of a real step is gradients and a part that grows with the batch', () => {
  const model = modelEntry('resnet18');
  const { config } = resolveConfig({
    dataset: 'd',
    model,
    flags: { size: 128, 'data.batch': 8 },
    preset: 'three-stage',
  });
  const plan = buildPlan(config, 1000, (side) => model.macs(side));
  const batches = [8, 16, 32];
  const stages = batches.flatMap((batch) => plan.stages.map((stage) => ({ ...stage, batch })));
  const setup = trainingSetup(config, 5, stages);
  if (!loaded.backend) throw new Error('no backend');
  const graph = applyPasses(traceProgram(setup.program(), loaded.tf, loaded.backend));
  const [eight, sixteen, thirtyTwo] = batches.map(
    (batch) => peakMemory(graph, trainSignature(128, batch)).activations,
  ) as [number, number, number];
  const growth = (thirtyTwo - sixteen) / (sixteen - eight);
  expect(growth).toBeGreaterThan(1.8);
  expect(growth).toBeLessThan(2.2);
  const smallest = Math.min(...plan.stages.map(({ bandwidth }) => bandwidth));
  expect(peakMemory(graph, trainSignature(smallest, 32)).activations).toBeLessThan(thirtyTwo);
  // ResNet-18 has 11 M parameters, and each has two moments.
  expect(peakMemory(graph, trainSignature(128, 8)).variables).toBeGreaterThan(3 * 4 * 11e6);
});
