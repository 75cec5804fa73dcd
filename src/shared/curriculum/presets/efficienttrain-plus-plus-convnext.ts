import { tenSlices, type Preset } from '../preset';

export const preset: Preset = {
  id: 'efficienttrain++-convnext',
  title: 'EfficientTrain++ for ConvNeXt: B 160 x6, 224 x4',
  citation: 'Wang et al., EfficientTrain++, TPAMI 2024 (arXiv 2405.08768)',
  share_of: 'compute',
  stages: tenSlices([160, 160, 160, 160, 160, 160, 224, 224, 224, 224]),
};
