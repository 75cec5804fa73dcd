import { FULL_MAGNITUDE, type Preset } from '../preset';

export const preset: Preset = {
  id: 'constant',
  title: 'Constant: the final size throughout, full augmentation (the baseline)',
  citation: 'The baseline of Wang et al., TPAMI 2024: ordinary training',
  share_of: 'compute',
  stages: [{ bandwidth: 'final', magnitude: FULL_MAGNITUDE, share: 1 }],
};
