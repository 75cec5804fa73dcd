/**
 * Recipe of both versions of PVT by their authors (github.com/whai362/PVT, classification/main.py): a short warm-up,
 * and a learning rate that ends higher than that of EfficientTrain++.
 */
export const PVT_RECIPE: Record<string, unknown> = {
  'optimizer.warmup': { unit: 'first_stage_passes', value: 5 },
  'optimizer.min_lr': 1e-5,
};
