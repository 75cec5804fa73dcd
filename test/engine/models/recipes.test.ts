/**
 * The published recipe of every full-size model: the changes that its entry makes to the defaults, which are those of
 * EfficientTrain++ (Wang et al., TPAMI 2024, and its released scripts). Drop-path rates are those at 200 equivalent
 * epochs.
 */
import { describe, expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import { resolveConfig } from '../../../src/shared/run-config-resolve';

interface Recipe {
  preset: string;
  dropPath: number;
  dropout?: number;
  optimizer?: 'adamw' | 'lamb';
  lr?: number;
  decay?: number;
  clip?: number | null;
  ema?: number | null;
  /** Warm-up as a share of the schedule; without it, `passes` applies. */
  warmup?: number;
  /** Warm-up in passes of the first stage. */
  passes?: number;
  minLr?: number;
  eps?: number;
}

const GENERAL = 'efficienttrain++';
const DEIT = { preset: 'efficienttrain++-deit', clip: 5, warmup: 0.2 };
const CONVNEXT = { preset: 'efficienttrain++-convnext', ema: 0.9999 };
const SWIN = { preset: GENERAL, clip: 5 };
const LAMB = { optimizer: 'lamb', lr: 8e-3, eps: 1e-6, clip: 1 } as const;
/** The released lamb.py reduces the norm of the whole gradient to 1. */
const CSWIN_BASE = { ...{ preset: GENERAL, ...LAMB }, decay: 0.1, ema: 0.9998 } as const;
/** The recipe of PVT's authors (classification/main.py), because EfficientTrain++ publishes none for PVT. */
const PVT = { preset: GENERAL, passes: 5, minLr: 1e-5 };
/**
 * The recipe of Yu et al., TPAMI 2024 (MetaFormer baselines): LAMB, whose reference clips the gradient at 1.
 * EfficientTrain++ publishes none of its own.
 */
const CAFORMER = { preset: GENERAL, ...LAMB } as const;

const RECIPES: Record<string, Recipe> = {
  resnet18: { preset: GENERAL, dropPath: 0 },
  resnet34: { preset: GENERAL, dropPath: 0 },
  resnet50: { preset: GENERAL, dropPath: 0 },
  resnet101: { preset: GENERAL, dropPath: 0 },
  resnet152: { preset: GENERAL, dropPath: 0 },
  deit_tiny_patch16_224: { ...DEIT, dropPath: 0.1 },
  deit_small_patch16_224: { ...DEIT, dropPath: 0.1 },
  deit_base_patch16_224: { ...DEIT, dropPath: 0.1 },
  vit_small_patch16_224: { ...DEIT, dropPath: 0.1 },
  vit_base_patch16_224: { ...DEIT, dropPath: 0.1 },
  vit_large_patch16_224: { ...DEIT, dropPath: 0.2 },
  vit_huge_patch14_224: { ...DEIT, dropPath: 0.3 },
  convnext_tiny: { ...CONVNEXT, dropPath: 0.1 },
  convnext_small: { ...CONVNEXT, dropPath: 0.4 },
  convnext_base: { ...CONVNEXT, dropPath: 0.5 },
  // The released scripts lack this model, so the rate is its authors' (Liu et al., CVPR 2022).
  convnext_large: { ...CONVNEXT, dropPath: 0.5 },
  swin_tiny_patch4_window7_224: { ...SWIN, dropPath: 0.2 },
  swin_small_patch4_window7_224: { ...SWIN, dropPath: 0.3 },
  swin_base_patch4_window7_224: { ...SWIN, dropPath: 0.5 },
  swin_large_patch4_window7_224: { ...SWIN, dropPath: 0.2 },
  cswin_tiny: { preset: GENERAL, ema: 0.9999, dropPath: 0.2 },
  cswin_small: { preset: GENERAL, ema: 0.9999, dropPath: 0.4 },
  cswin_base: { ...CSWIN_BASE, dropPath: 0.5 },
  // EfficientTrain++ trains it on ImageNet-22K only.
  cswin_large: { ...CSWIN_BASE, dropPath: 0.5 },
  pvt_tiny: { ...PVT, dropPath: 0.1 },
  pvt_small: { ...PVT, dropPath: 0.1 },
  pvt_medium: { ...PVT, dropPath: 0.3, clip: 1 },
  pvt_large: { ...PVT, dropPath: 0.3, clip: 1 },
  pvt_v2_b0: { ...PVT, dropPath: 0.1 },
  pvt_v2_b1: { ...PVT, dropPath: 0.1 },
  pvt_v2_b2: { ...PVT, dropPath: 0.1 },
  pvt_v2_b3: { ...PVT, dropPath: 0.3, clip: 1 },
  pvt_v2_b4: { ...PVT, dropPath: 0.3, clip: 1 },
  pvt_v2_b5: { ...PVT, dropPath: 0.3, clip: 1 },
  caformer_s18: { ...CAFORMER, dropPath: 0.15 },
  caformer_s36: { ...CAFORMER, dropPath: 0.3, dropout: 0.4 },
  caformer_m36: { ...CAFORMER, dropPath: 0.4, dropout: 0.4 },
  caformer_b36: { ...CAFORMER, dropPath: 0.6, dropout: 0.5 },
};

/** The defaults of the released scripts (main_buffer.py), which no model's recipe changes. */
const PUBLISHED_AUGMENTATION = {
  ...{ label_smoothing: 0.1, mixup: 0.8, cutmix: 1, mixup_switch_prob: 0.5, reprob: 0.25 },
  ...{ interpolation: 'bicubic', auto_augment: 'randaug' },
};

it('every full-size classifier has a recipe', () =>
  expect(Object.keys(RECIPES).sort()).toEqual(
    modelEntries('classify')
      .map(({ id }) => id)
      .filter((id) => !id.includes('micro'))
      .sort(),
  ));

describe.each(Object.entries(RECIPES))('%s', (id, recipe) => {
  const {
    preset,
    dropPath,
    dropout = 0,
    optimizer = 'adamw',
    lr = 4e-3,
    decay = 0.05,
    clip = null,
    ema = null,
    warmup,
    passes = 20,
    minLr = 1e-6,
    eps = 1e-8,
  } = recipe;

  it('trains as published', () => {
    const { config } = resolveConfig({ dataset: 'd', model: modelEntry(id), flags: {} });
    expect(config.schedule.preset).toBe(preset);
    expect(config.model_args).toMatchObject({ drop_path_rate: dropPath, drop_rate: dropout });
    expect(config.optimizer).toMatchObject({
      ...{ name: optimizer, base_lr: lr, base_batch: 4096, min_lr: minLr, weight_decay: decay, clip_grad_norm: clip },
      ...{ eps, betas: [0.9, 0.999] },
      warmup:
        warmup === undefined ? { unit: 'first_stage_passes', value: passes } : { unit: 'fraction', value: warmup },
    });
    expect(config.ema.decay).toBe(ema);
    expect(config.data).toMatchObject(PUBLISHED_AUGMENTATION);
  });

  it('has a rate of stochastic depth that grows with the length of the run', () => {
    const { config } = resolveConfig({
      dataset: 'd',
      model: modelEntry(id),
      flags: { 'schedule.equivalent_epochs': 100 },
    });
    expect(config.model_args.drop_path_rate).toBeCloseTo(dropPath / 2, 9);
  });

  it('has, with the schedule of the first paper, its warm-up of 20 epochs, and stochastic depth of one rate', () => {
    const { config } = resolveConfig({
      ...{ dataset: 'd', model: modelEntry(id), preset: 'efficienttrain' },
      flags: { 'schedule.equivalent_epochs': 300 },
    });
    expect(config.optimizer.warmup).toEqual({ unit: 'first_stage_passes', value: passes });
    expect(config.model_args.drop_path_rate).toBe(dropPath);
  });
});
