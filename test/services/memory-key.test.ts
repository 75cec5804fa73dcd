/** The configurations for which a remembered estimate of memory is valid. */
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../src/main/engine/models';
import { estimateMemory } from '../../src/main/services/preflight/memory-estimate';
import { memoryKey } from '../../src/main/services/preflight/memory-key';
import { buildPlan, type Plan } from '../../src/shared/curriculum/plan';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import type { RunConfig } from '../../src/shared/run-config';
import { engineMissing } from '../support/engine';

const CLASSES = 5;

function planned(flags: Record<string, unknown>): { config: RunConfig; plan: Plan } {
  const model = modelEntry('deit_micro');
  const all = { size: 32, 'data.batch': 16, 'engine.intra_op_threads': 2, 'engine.inter_op_threads': 1, ...flags };
  const { config } = resolveConfig({ dataset: 'd', model, flags: all, preset: 'three-stage' });
  return { config, plan: buildPlan(config, 1000, (side) => model.macs(side)) };
}

const keyFor = (flags: Record<string, unknown>): string => {
  const { config, plan } = planned(flags);
  return memoryKey(config, CLASSES, plan);
};

describe('the key of an estimate', () => {
  it.each([
    { 'optimizer.grad_accum_steps': 2 },
    { 'engine.autocast': true },
    { 'engine.device': 'cpu' },
    { 'optimizer.name': 'sgd' },
    { 'optimizer.clip_grad_norm': 1 },
    { 'ema.decay': 0.9 },
    { 'data.remode': 'const' },
    { 'data.batch': 32 },
    { size: 48 },
  ])('differs where a step does: %o', (flags) => {
    expect(keyFor(flags)).not.toBe(keyFor({}));
  });
  it.each([{ seed: 3 }, { name: 'another' }, { 'optimizer.base_lr': 0.1 }])('stays where a step does: %o', (flags) => {
    expect(keyFor(flags)).toBe(keyFor({}));
  });
});

describe.skipIf(engineMissing)('the estimate', () => {
  const largest = (flags: Record<string, unknown>): number => {
    const { config, plan } = planned(flags);
    return Math.max(...estimateMemory(config, CLASSES, plan).map(({ bytes }) => bytes));
  };
  it('is of the parts that a batch is taken in', () => {
    expect(largest({ 'data.batch': 64, 'optimizer.grad_accum_steps': 4 })).toBeLessThan(largest({ 'data.batch': 64 }));
  });
});
