import type { Preset } from '../preset';

/**
 * The released schedule: five stages of equal epochs, with a magnitude of 2i + 1 in each. The paper calls that "from 0
 * to 9".
 */
const BANDWIDTHS = [160, 160, 160, 192, 'final'] as const;

/**
 * Warm-up of every network in the released settings: 20 of 300 epochs. Those of the successor warm DeiT up for a fifth
 * of the run, which is its own recipe here.
 */
const WARMUP = { unit: 'first_stage_passes', value: 20 };
const VIT = /^(deit|vit)_(?!micro$)/;

export const preset: Preset = {
  id: 'efficienttrain',
  title: 'EfficientTrain: five stages of equal epochs, B 160 x3, 192, 224; magnitude 1, 3, 5, 7, 9',
  citation: 'Wang et al., EfficientTrain, ICCV 2023 (arXiv 2211.09703), and its released settings',
  share_of: 'epochs',
  stages: BANDWIDTHS.map((bandwidth, index) => ({ bandwidth, magnitude: 2 * index + 1, share: 0.2 })),
  recipe: (model) => ({ epochs: null, fields: VIT.test(model) ? { 'optimizer.warmup': WARMUP } : {} }),
  fixed_drop_path: true,
};
