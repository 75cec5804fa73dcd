import { tenSlices, type Preset } from '../preset';

export const preset: Preset = {
  id: 'efficienttrain++',
  title: 'EfficientTrain++: ten equal-compute slices, B 96 x2, 160 x4, 224 x4',
  citation: 'Wang et al., EfficientTrain++, TPAMI 2024 (arXiv 2405.08768)',
  share_of: 'compute',
  stages: tenSlices([96, 96, 160, 160, 160, 160, 224, 224, 224, 224]),
};
