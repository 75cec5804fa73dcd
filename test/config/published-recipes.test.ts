/** Presets that contain a whole published recipe. */
import { describe, expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../src/main/engine/models';
import { draftBodySchema } from '../../src/shared/contract/drafts';
import { allPresets, presetOf } from '../../src/shared/curriculum/presets';
import { AppError } from '../../src/shared/errors';
import {
  departures,
  knownFields,
  parseConfig,
  resolveConfig,
  type Resolved,
} from '../../src/shared/run-config-resolve';
import { resolveDraft } from '../../src/shared/schedule-editor/draft-config';

const RECIPES = [presetOf('finetune-mae'), presetOf('probe-mae', 'probe')];
const deit = modelEntry('deit_small_patch16_224');
const resolve = (changes: Partial<Parameters<typeof resolveConfig>[0]> = {}): Resolved =>
  resolveConfig({ dataset: 'd', model: deit, flags: {}, preset: 'finetune-mae', ...changes });

describe.each(RECIPES)('$id', ({ recipe }) => {
  const of = (model: string): Record<string, unknown> => ({ ...recipe?.(model).fields });

  it('has fields of the configuration only, with values that it takes', () => {
    const nested: Record<string, Record<string, unknown>> = {};
    for (const [path, value] of Object.entries(of('vit_base_patch16_224'))) {
      const [section, name] = path.split('.') as [string, string];
      expect(knownFields()).toContain(path);
      (nested[section] ??= {})[name] = value;
    }
    const schedule = { stages: [{ bandwidth: 224, magnitude: 0, share: 1 }] };
    expect(parseConfig({ dataset: 'd', model: 'm', size: 224, schedule, ...nested })).toMatchObject(nested);
  });

  it("leaves nothing of a model's own recipe but its batch and its crop", () => {
    for (const entry of modelEntries('classify'))
      for (const path of Object.keys(entry.recipe).filter((name) => !['data.batch', 'data.crop_pct'].includes(name)))
        expect(of(entry.id), `${path} of ${entry.id}`).toHaveProperty([path]);
  });
});

describe('finetune-mae', () => {
  it.each([
    ['vit_base_patch16_224', 100, { base_lr: 5e-4, layer_decay: 0.65 }, 0.1],
    ['mae_vit_large_patch16', 50, { base_lr: 1e-3, layer_decay: 0.75 }, 0.2],
    ['vit_huge_patch14_224', 50, { base_lr: 1e-3, layer_decay: 0.75 }, 0.3],
    ['deit_micro', 100, { base_lr: 5e-4, layer_decay: 0.65 }, 0.1],
  ])('of %s', (id, epochs, optimizer, rate) => {
    const { config, origin } = resolve({ model: { ...deit, id } });
    expect(config.schedule).toMatchObject({ preset: 'finetune-mae', equivalent_epochs: epochs });
    expect(config.optimizer).toMatchObject({ name: 'adamw', base_batch: 256, clip_grad_norm: null, ...optimizer });
    // This value is not scaled with the length of the run, unlike a model's own recipe.
    expect(config.model_args.drop_path_rate).toBe(rate);
    expect(origin['optimizer.layer_decay']).toBe('preset');
  });

  it('departs from nothing, and gives way to a file and to flags', () => {
    expect(departures(resolve().config, deit)).toEqual([]);
    const { config } = resolve({
      file: { optimizer: { weight_decay: 0.1 } },
      flags: { 'schedule.equivalent_epochs': 10 },
      set: ['optimizer.layer_decay=0.8'],
    });
    expect(config.schedule.equivalent_epochs).toBe(10);
    expect(config.optimizer).toMatchObject({ weight_decay: 0.1, layer_decay: 0.8, base_lr: 5e-4 });
  });

  it('stays where its stages are edited', () => {
    const machine = { workers: 1, checkpoint_every_seconds: 1, keep_last: 1, intra_op_threads: null };
    const stages = [{ bandwidth: 160, magnitude: 9, magnitude_end: null, share: 1, batch: null, replay_times: 1 }];
    const body = draftBodySchema.parse({ dataset: 'd', model: deit.id, preset: 'finetune-mae', stages });
    const { config } = resolveDraft(body, deit, machine);
    expect(config.schedule).toMatchObject({ preset: 'custom', stages });
    expect(config.optimizer.layer_decay).toBe(0.65);
  });
});

describe('a preset of a task', () => {
  it('is offered by that task alone', () => {
    const ids = (task?: string): string[] => allPresets(task).map(({ id }) => id);
    expect(ids()).toContain('finetune-mae');
    expect(ids()).not.toContain('probe-mae');
    expect(ids('probe')).toContain('probe-mae');
    expect(ids('probe')).not.toContain('finetune-mae');
    expect(() => presetOf('probe-mae')).toThrow(AppError);
    expect(() => resolve({ preset: 'probe-mae' })).toThrow(AppError);
  });

  it('of the linear probe is LARS without decay, on images that are only cropped and flipped', () => {
    const recipe = presetOf('probe-mae', 'probe').recipe;
    expect([recipe?.('vit_base_patch16_224').epochs, recipe?.('vit_large_patch16_224').epochs]).toEqual([90, 50]);
    expect(recipe?.('vit_base_patch16_224').fields).toMatchObject({
      ...{ 'optimizer.name': 'lars', 'optimizer.base_lr': 0.1, 'optimizer.weight_decay': 0 },
      ...{ 'data.auto_augment': 'none', 'data.mixup': 0, 'data.label_smoothing': 0 },
    });
  });
});
