import type { OfficialNames } from '../official-names';

/**
 * Swin's authors end a stage with the merging, timm begins the next stage with it; their classifier is `head`. Their
 * files also hold the indices of the relative positions and the masks of shifted windows.
 */
export const names: OfficialNames = {
  family: 'swin',
  source: 'microsoft/Swin-Transformer',
  official: (name) =>
    name
      .replace(/^layers\.(\d+)\.downsample\./, (_, stage) => `layers.${Number(stage) - 1}.downsample.`)
      .replace(/^head\.fc\./, 'head.'),
  buffers: /\.(relative_position_index|attn_mask)$/,
};
