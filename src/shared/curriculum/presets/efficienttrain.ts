import { FULL_MAGNITUDE, type Preset } from '../preset';

const rising = (progress: number): number => Number((FULL_MAGNITUDE * progress).toFixed(6));

export const preset: Preset = {
  id: 'efficienttrain',
  title: 'EfficientTrain: B 160, 192, 224; magnitude rising linearly',
  citation: 'Wang et al., EfficientTrain, ICCV 2023 (arXiv 2211.09703)',
  share_of: 'epochs',
  stages: [
    { bandwidth: 160, magnitude: 0, magnitude_end: rising(0.6), share: 0.6 },
    { bandwidth: 192, magnitude: rising(0.6), magnitude_end: rising(0.8), share: 0.2 },
    { bandwidth: 'final', magnitude: rising(0.8), magnitude_end: FULL_MAGNITUDE, share: 0.2 },
  ],
};
