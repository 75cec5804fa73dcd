/**
 * bfloat16 products: which products are in bfloat16, which are not, and that a step's results agree within bfloat16's
 * precision.
 */
import { describe, expect, it } from 'vitest';
import {
  trainingOf,
  classifyProgram,
  initialState,
  trainSignature,
  type ClassifyOptions,
} from '../../support/classify';
import { openProgram } from '../../../src/main/engine/capture/open';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { modelEntry } from '../../../src/main/engine/models';
import { sgd } from '../../../src/main/engine/optim/sgd';
import { runStep } from '../../../src/main/engine/train/run-step';
import type { Executor } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';
import { engineMissing, loaded } from '../../support/engine';
import { temporary } from '../../support/training';

const [BATCH, SIZE, BANDWIDTH] = [8, 32, 16];
const PRODUCTS = ['MatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'];

function optionsOf(id: string): ClassifyOptions {
  return {
    model: modelEntry(id).create({ num_classes: 10, img_size: SIZE, drop_path_rate: 0, drop_rate: 0 }),
    // After one step of this optimizer its slots hold the gradients.
    ...{ optimizer: sgd({ momentum: 0.9, nesterov: false, weight_decay: 0 }), clipGradNorm: null, ema: false },
    ...{ labelSmoothing: 0.1, lowFrequencyMode: 'crop', size: SIZE, remode: 'const' },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    train: [{ bandwidth: BANDWIDTH, batch: BATCH }],
    evaluate: [{ size: SIZE, batch: BATCH, bandwidth: SIZE }],
  };
}

const SIGNATURE = trainSignature(BANDWIDTH, BATCH);

function step(executor: Executor, options: ClassifyOptions, number: number): number {
  const rng = rngOf(7, number);
  const batch = {
    ...{ step: number, waitMs: 0, erase: new Int32Array(BATCH * 4) },
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => rng.below(256)),
    labels: Int32Array.from({ length: BATCH }, () => rng.below(10)),
  };
  return runStep(executor, trainingOf(options), batch, { seed: 3, step: number, bandwidth: BANDWIDTH, lr: 1e-2 }).loss;
}

describe.skipIf(engineMissing)('autocast', () => {
  const traced = (id: string) => traceProgram(classifyProgram(optionsOf(id)), loaded.tf, loaded.backend!);
  const products = (nodes: readonly GraphNode[], prefix: string): GraphNode[] =>
    nodes.filter(({ op, name }) => PRODUCTS.includes(op) && name.startsWith(prefix));
  const dtypes = (nodes: readonly GraphNode[]): string[] => nodes.map(({ outputs }) => outputs[0]!.dtype);

  it.each(['deit_micro', 'resnet_micro'])(
    '%s: training’s products are bfloat16 but for the crop’s, evaluation’s are not',
    (id) => {
      const graph = traced(id);
      const { nodes } = applyPasses(graph, passesFor([SIGNATURE]));
      const plain = applyPasses(graph).nodes;
      const [own, whole] = [products(nodes, `${SIGNATURE}/`), products(plain, `${SIGNATURE}/`)];
      expect(own).toHaveLength(whole.length);
      const exact = own.filter(({ outputs }) => outputs[0]!.dtype === 'float32');
      // The crop has a product for rows and one for columns. deit's position embeddings are also resampled along both
      // axes, forward and backward.
      expect(exact.length).toBeGreaterThanOrEqual(2);
      expect(exact.length).toBeLessThan(own.length / 3);
      expect(new Set(dtypes(products(nodes, 'evaluate')))).toEqual(new Set(['float32']));
      // Everything that other nodes read keeps its name and its type.
      const byName = new Map(nodes.map((node) => [node.name, node]));
      for (const { name, outputs } of plain) expect(byName.get(name)?.outputs[0]?.dtype, name).toBe(outputs[0]?.dtype);
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    },
  );

  it.each(['deit_micro', 'resnet_micro'])('%s: losses and gradients are those of float32 to three digits', (id) => {
    const options = optionsOf(id);
    const state = Object.fromEntries(initialState(options, 1));
    // The last norm of each residual branch is initially zero, which would make all gradients of the branch's
    // convolutions zero.
    for (const { name, trainable } of options.model.params)
      if (trainable && state[name]!.every((value) => value === 0)) state[name]!.fill(0.1);
    const [half, full] = [[SIGNATURE], []].map((autocast) => {
      const build = () => classifyProgram(options);
      const { executor } = openProgram({ build, key: id, cacheFolder: temporary('autocast'), autocast });
      executor.write(state);
      const first = step(executor, options, 0);
      const gradients = executor.read();
      return { first, gradients, later: [1, 2, 3, 4].map((number) => step(executor, options, number)) };
    }) as [Stepped, Stepped];
    expect(half.first).not.toBe(full.first);
    expect(Math.abs(half.first / full.first - 1)).toBeLessThan(1e-2);
    half.later.forEach((loss, at) => expect(Math.abs(loss / full.later[at]! - 1), `step ${at + 1}`).toBeLessThan(3e-2));
    for (const { name, trainable } of options.model.params) {
      if (!trainable) continue;
      const slot = `${name}/momentum`;
      expect(cosine(half.gradients[slot] as Float32Array, full.gradients[slot] as Float32Array), name).toBeGreaterThan(
        0.98,
      );
    }
  });
});

interface Stepped {
  first: number;
  gradients: Record<string, Float32Array | Int32Array>;
  later: number[];
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, at) => {
    ab += value * b[at]!;
    aa += value * value;
    bb += b[at]! * b[at]!;
  });
  return ab / Math.sqrt(aa * bb);
}
