import { tenSlices, type Preset } from '../preset';

export const preset: Preset = {
  id: 'efficienttrain++-deit',
  title: 'EfficientTrain++ for DeiT: B 96 x2, 160 x4, 192 x2, 224 x2',
  citation: 'Wang et al., EfficientTrain++, TPAMI 2024 (arXiv 2405.08768)',
  share_of: 'compute',
  stages: tenSlices([96, 96, 160, 160, 160, 160, 192, 192, 224, 224]),
};
