/** Every node of every graph that a GPU would run has a kernel there, for whatever model or task is registered. */
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../../src/main/engine/capture/graph';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { modelEntries } from '../../../src/main/engine/models';
import { allTasks } from '../../../src/main/engine/tasks';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import type { ModelEntry } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { validSizes } from '../../../src/shared/curriculum/size-rule';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { engineMissing, loaded } from '../../support/engine';
import { throughHostMemory, withoutGpuKernel } from '../../support/gpu-kernels';

/** Everything of a configuration that puts other ops into a graph; each line once with each model. */
const CONFIGURATIONS: Record<string, Record<string, unknown>> = {
  'as it comes': {},
  autocast: { 'engine.autocast': true },
  'everything on': {
    ...{ 'optimizer.clip_grad_norm': 1, 'ema.decay': 0.99, 'optimizer.grad_accum_steps': 2, 'eval.at_stage_size': true },
    ...{ 'model_args.drop_path_rate': 0.1, 'model_args.drop_rate': 0.1, 'data.remode': 'pixel', 'data.reprob': 0.25 },
    'engine.autocast': true,
  },
  'lamb, a learning rate for each layer': { 'optimizer.name': 'lamb', 'optimizer.layer_decay': 0.65, 'ema.decay': 0.99 },
  lars: { 'optimizer.name': 'lars', 'optimizer.layer_decay': 0.65, 'optimizer.clip_grad_norm': 1 },
  'a linear probe': { task: 'probe' },
  'the other of each': { 'optimizer.name': 'sgd', 'schedule.low_frequency_mode': 'resize', 'data.remode': 'const' },
};

/** Smallest size that leaves a curriculum its stages: what is in a graph doesn't depend on it. */
const sizeFor = ({ sizes }: ModelEntry): number =>
  validSizes(512, sizes).find((side) => side >= Math.max(2 * sizes.step, 32)) as number;

/** The composed graph of a whole run: all stages, evaluation, reading and writing. */
function composed(model: ModelEntry, flags: Record<string, unknown>): GraphNode[] {
  const all = { size: sizeFor(model), 'data.batch': 4, 'eval.batch': 4, ...flags };
  const { config } = resolveConfig({ dataset: 'd', model, flags: all, preset: 'efficienttrain++' });
  const plan = buildPlan(config, 1000, (side) => model.macs(side));
  const setup = trainingSetup(config, 5, plan.stages);
  if (!loaded.backend) throw new Error('There is no engine to trace for.');
  const graph = traceProgram(setup.program(), loaded.tf, loaded.backend, { kernels: false });
  return applyPasses(graph, passesFor(setup.autocast)).nodes;
}

describe.skipIf(engineMissing)('a GPU has a kernel', () => {
  describe.each(modelEntries('classify').map((entry) => ({ id: entry.id, entry })))('for $id', ({ entry }) => {
    it.each(Object.keys(CONFIGURATIONS))('%s', (name) => {
      const nodes = composed(entry, CONFIGURATIONS[name] as Record<string, unknown>);
      expect(nodes.length).toBeGreaterThan(100);
      expect(withoutGpuKernel(nodes)).toEqual([]);
      expect(throughHostMemory(nodes)).toEqual([]);
    });
  });

  it('and what has none is found: an op, a type, floats in the processor’s memory', () => {
    const nodes = composed(modelEntries('classify')[0] as ModelEntry, {});
    const planted = (op: string, type: 'float32' | 'bfloat16' | 'string'): GraphNode => ({
      ...{ name: `step/planted_${op}`, op, inputs: [], attrs: { T: { kind: 'type', value: type } } },
      outputs: [{ shape: [1], dtype: type }],
    });
    const more = [planted('StudioGelu', 'float32'), planted('MatrixExponential', 'float32'), planted('Conv2D', 'string')];
    expect(withoutGpuKernel([...nodes, ...more])).toEqual([
      ...['StudioGelu (T=float32)', 'MatrixExponential (T=float32)', 'Conv2D (T=string)'],
    ]);
    // A name that every object has is no op.
    expect(withoutGpuKernel([planted('toString', 'float32')])).toEqual(['toString (T=float32)']);
  });
});

it('no task is forgotten', () => {
  // One more needs its configurations above.
  expect(allTasks().map(({ id }) => id)).toEqual(['classify', 'mae', 'probe']);
});
