/**
 * Recipes of the micro models, which are ours and serve tests, the sample and small images. The published recipes are
 * for 224 px and ImageNet, so theirs are lighter: a higher learning rate at small batches, milder crops, and no mixing
 * of labels in runs of a few epochs.
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

/**
 * The recipe of models with attention. At the rate of the convolutional ones PVT learns nothing (10 % of ten classes),
 * and the others learn less than at a quarter of it (cifar10 at 32 px, three epochs: docs/decisions.md).
 */
export const MICRO_ATTENTION_RECIPE: Record<string, unknown> = { ...MICRO_RECIPE, 'optimizer.base_lr': 0.064 };
