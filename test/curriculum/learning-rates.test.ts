/**
 * Learning rates of MAE's published recipes agree, iteration by iteration, with a program written from their
 * definition.
 */
import { describe, expect, it } from 'vitest';
import { buildPlan, learningRateAt } from '../../src/shared/curriculum/plan';
import { presetOf } from '../../src/shared/curriculum/presets';
import { scheduleOf } from '../../src/shared/curriculum/stages';
import { runConfigSchema } from '../../src/shared/run-config';
import goldenJson from '../golden/learning-rates/learning-rates.json';

interface Recipe {
  base_lr: number;
  batch: number;
  epochs: number;
  warmup_epochs: number;
  min_lr: number;
  steps_per_epoch: number;
  steps: number;
  lrs: [number, number][];
}

const golden = goldenJson as unknown as Record<string, Recipe>;

/** Returns the optimizer's fields of a published recipe. */
function optimizerOf(preset: string, task: string, model: string): Record<string, unknown> {
  const fields = Object.entries(presetOf(preset, task).recipe?.(model).fields ?? {});
  const own = fields.filter(([path]) => path.startsWith('optimizer.'));
  return Object.fromEntries(own.map(([path, value]) => [path.slice('optimizer.'.length), value]));
}

const OPTIMIZERS: Record<string, Record<string, unknown>> = {
  // Without a curriculum, the first stage's passes are epochs.
  pretrain: {
    ...{ base_lr: 1.5e-4, base_batch: 256, min_lr: 0, warmup_lr: 0 },
    warmup: { unit: 'first_stage_passes', value: 40 },
  },
  finetune_base: optimizerOf('finetune-mae', 'classify', 'vit_base_patch16_224'),
  finetune_large: optimizerOf('finetune-mae', 'classify', 'vit_large_patch16_224'),
  probe_base: optimizerOf('probe-mae', 'probe', 'vit_base_patch16_224'),
  probe_large: optimizerOf('probe-mae', 'probe', 'vit_large_patch16_224'),
};

describe.each(Object.entries(golden))('%s', (name, recipe) => {
  const { base_lr, batch, epochs, steps_per_epoch } = recipe;
  const config = runConfigSchema.parse({
    ...{ dataset: 'd', model: 'm', size: 224, data: { batch } },
    schedule: scheduleOf(presetOf('constant'), 224, { kind: 'patches', step: 16, min: 16 }, epochs),
    optimizer: OPTIMIZERS[name],
  });
  const plan = buildPlan(config, batch * steps_per_epoch, () => 1);

  it('rises from 0 and falls along half a cosine', () => {
    expect(plan.totals.steps).toBe(recipe.steps);
    const peak = (base_lr * batch) / 256;
    expect(recipe.lrs.length).toBeGreaterThan(40);
    for (const [step, lr] of recipe.lrs)
      expect(Math.abs(learningRateAt(plan, config, step) - lr) / peak, `step ${step}`).toBeLessThan(1e-12);
  });
});
