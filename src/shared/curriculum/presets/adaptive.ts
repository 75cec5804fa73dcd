import { FULL_MAGNITUDE, type Preset } from '../preset';

/** The sizes and shares of `efficienttrain++` in one stage a size, with magnitudes from the middle of its slices. */
export const preset: Preset = {
  id: 'adaptive',
  title: 'Adaptive (an experiment): the sizes of efficienttrain++, each kept for as long as it pays',
  citation: 'Not published: named as future work by Wang et al., TPAMI 2024; the rule is in docs/method.md',
  share_of: 'compute',
  stages: [
    { bandwidth: 96, magnitude: 0.5, share: 0.2 },
    { bandwidth: 160, magnitude: 3.5, share: 0.4 },
    { bandwidth: 'final', magnitude: 6, magnitude_end: FULL_MAGNITUDE, share: 0.4 },
  ],
  adaptive: { window: 0.025, threshold: 0.5, patience: 2, min: 0.5, max: 1.5 },
};
