import type { OfficialNames } from '../official-names';

const next = (stage: string): string => String(Number(stage) + 1);

/** The authors count stages from 1, and name each stage's patches, blocks and norm side by side. */
export const names: OfficialNames = {
  family: 'pvt-v2',
  source: 'whai362/PVT',
  official: (name) =>
    name
      .replace(/^patch_embed\./, 'patch_embed1.')
      .replace(/^stages\.(\d+)\.downsample\./, (_, stage: string) => `patch_embed${next(stage)}.`)
      .replace(/^stages\.(\d+)\.blocks\./, (_, stage: string) => `block${next(stage)}.`)
      .replace(/^stages\.(\d+)\.norm\./, (_, stage: string) => `norm${next(stage)}.`)
      .replace('.mlp.dwconv.', '.mlp.dwconv.dwconv.'),
};
