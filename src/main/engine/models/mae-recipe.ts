/**
 * Recipe of masked autoencoders as published (He et al., CVPR 2022, appendix A.1): 1.5e-4 at batch 256, random crops
 * and flips only.
 */
export const MAE_RECIPE: Record<string, unknown> = {
  'data.scale': [0.2, 1],
  'data.color_jitter': 0,
  'data.auto_augment': 'none',
  'data.reprob': 0,
  'data.mixup': 0,
  'data.cutmix': 0,
  'optimizer.base_lr': 2.4e-3,
  'optimizer.betas': [0.9, 0.95],
  'optimizer.weight_decay': 0.05,
  'optimizer.min_lr': 0,
  'optimizer.warmup_lr': 0,
  'optimizer.warmup': { unit: 'first_stage_passes', value: 40 },
};

/**
 * Recipe of the micro model. The published learning rate is for batches of 4096 and hundreds of passes; the micro
 * model's runs are a hundred times shorter.
 */
export const MAE_MICRO_RECIPE: Record<string, unknown> = {
  ...MAE_RECIPE,
  'data.batch': 64,
  'data.crop_pct': 1,
  'optimizer.base_lr': 0.064,
  'optimizer.warmup': { unit: 'fraction', value: 0.1 },
};
