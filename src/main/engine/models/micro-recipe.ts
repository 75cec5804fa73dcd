/**
 * Recipe of the micro models, which are ours and serve tests, the sample and small images. The published recipe is for
 * 224 px and ImageNet, so theirs is lighter: a higher learning rate at small batches, milder crops, and no mixing of
 * labels in runs of a few epochs.
 */
export const MICRO_RECIPE: Record<string, unknown> = {
  'data.batch': 32,
  'data.scale': [0.35, 1],
  'data.mixup': 0,
  'data.cutmix': 0,
  'data.reprob': 0,
  'data.crop_pct': 1,
  'optimizer.base_lr': 0.256,
  'optimizer.warmup': { unit: 'fraction', value: 0.1 },
};
