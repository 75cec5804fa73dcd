import type { ModelEntry } from '../types';

/** Preprocessing for weights trained on ImageNet: each channel's mean and deviation, of values of 0 to 1. */
export const IMAGENET: Pick<ModelEntry, 'mean' | 'std' | 'interpolation'> = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  interpolation: 'bicubic',
};
