import { FULL_MAGNITUDE, type Preset } from '../preset';

const rising = (progress: number): number => Number((FULL_MAGNITUDE * progress).toFixed(6));

export const preset: Preset = {
  id: 'three-stage',
  title: 'Three stages: B 96, 128, 224 (the middle half way from 96 at other sizes); magnitude rising linearly',
  citation: 'A simplification of Wang et al., TPAMI 2024, from a secondary source',
  share_of: 'epochs',
  stages: [
    { bandwidth: 96, magnitude: 0, magnitude_end: rising(0.4), share: 0.4 },
    {
      bandwidth: { reference: 128, elsewhere: 'middle' },
      magnitude: rising(0.4),
      magnitude_end: rising(0.7),
      share: 0.3,
    },
    { bandwidth: 'final', magnitude: rising(0.7), magnitude_end: FULL_MAGNITUDE, share: 0.3 },
  ],
};
