/** Traces the graphs that a GPU would run of a model: one for each configuration that adds other ops. */
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../src/main/engine/capture/graph';
import { applyPasses, passesFor } from '../../src/main/engine/capture/passes';
import { traceProgram } from '../../src/main/engine/capture/tracer';
import { modelEntries } from '../../src/main/engine/models';
import { trainingSetup } from '../../src/main/engine/train/setup';
import type { ModelEntry } from '../../src/main/engine/types';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { validSizes } from '../../src/shared/curriculum/size-rule';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { loaded } from './engine';
import { throughHostMemory, withoutGpuKernel } from './gpu-kernels';

const TEACHER = {
  ...{ 'distillation.teacher': 'run:t@1', 'distillation.model': 'resnet_micro', 'distillation.size': 32 },
  ...{ 'distillation.mean': [0.5, 0.5, 0.5], 'distillation.std': [0.5, 0.5, 0.5] },
};

/** Configurations that add other ops to a graph; each line is traced once with each model. */
const CONFIGURATIONS: Record<string, Record<string, unknown>> = {
  'as it comes': {},
  autocast: { 'engine.autocast': true },
  'everything on': {
    ...{
      'optimizer.clip_grad_norm': 1,
      'ema.decay': 0.99,
      'optimizer.grad_accum_steps': 2,
      'eval.at_stage_size': true,
    },
    ...{ 'model_args.drop_path_rate': 0.1, 'model_args.drop_rate': 0.1, 'data.remode': 'pixel', 'data.reprob': 0.25 },
    ...{ ...TEACHER, 'engine.autocast': true },
  },
  'lamb, a learning rate for each layer': {
    'optimizer.name': 'lamb',
    'optimizer.layer_decay': 0.65,
    'ema.decay': 0.99,
  },
  lars: { 'optimizer.name': 'lars', 'optimizer.layer_decay': 0.65, 'optimizer.clip_grad_norm': 1 },
  'a linear probe': { task: 'probe' },
  'the other of each': {
    ...{ 'optimizer.name': 'sgd', 'schedule.low_frequency_mode': 'resize', 'data.remode': 'const' },
    ...{ ...TEACHER, 'distillation.kind': 'hard' },
  },
};

/** Returns the smallest size that leaves a curriculum its stages; the graph's ops don't depend on the size. */
const sizeFor = ({ sizes }: ModelEntry): number =>
  validSizes(512, sizes).find((side) => side >= Math.max(2 * sizes.step, 32)) as number;

/** Returns the composed graph of a whole run: all stages, evaluation, reading and writing. */
export function composed(model: ModelEntry, flags: Record<string, unknown>): GraphNode[] {
  const all = { size: sizeFor(model), 'data.batch': 4, 'eval.batch': 4, ...flags };
  const { config } = resolveConfig({ dataset: 'd', model, flags: all, preset: 'efficienttrain++' });
  const plan = buildPlan(config, 1000, (side) => model.macs(side));
  const setup = trainingSetup(config, 5, plan.stages);
  if (!loaded.backend) throw new Error('There is no engine to trace for.');
  const graph = traceProgram(setup.program(), loaded.tf, loaded.backend, { kernels: false });
  return applyPasses(graph, passesFor(setup.autocast)).nodes;
}

/**
 * Returns the variant of each family with the fewest parameters, and all others: a family's variants differ in depths
 * and widths only.
 */
export function byFamily(): { smallest: ModelEntry[]; larger: ModelEntry[] } {
  const families = Map.groupBy(modelEntries('classify'), ({ family }) => family);
  const sorted = [...families.values()].map((entries) =>
    entries.toSorted((a, b) => a.parameters(10) - b.parameters(10)),
  );
  return {
    smallest: sorted.flatMap((entries) => entries.slice(0, 1)),
    larger: sorted.flatMap((entries) => entries.slice(1)),
  };
}

/** Tests that every node of every graph of the models has a GPU kernel. */
export function describeGraphs(entries: readonly ModelEntry[]): void {
  describe.each(entries.map((entry) => ({ id: entry.id, entry })))('for $id', ({ entry }) => {
    it.each(Object.keys(CONFIGURATIONS))('%s', (name) => {
      const nodes = composed(entry, CONFIGURATIONS[name] as Record<string, unknown>);
      expect(nodes.length).toBeGreaterThan(100);
      expect(withoutGpuKernel(nodes)).toEqual([]);
      expect(throughHostMemory(nodes)).toEqual([]);
    });
  });
}
