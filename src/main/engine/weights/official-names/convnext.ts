import type { OfficialNames } from '../official-names';

/** Parts of a block. */
const PARTS: Readonly<Record<string, string>> = { conv_dw: 'dwconv', 'mlp.fc1': 'pwconv1', 'mlp.fc2': 'pwconv2' };

export const names: OfficialNames = {
  family: 'convnext',
  source: 'facebookresearch/ConvNeXt',
  official: (name) =>
    name
      .replace(/^stem\./, 'downsample_layers.0.')
      .replace(/^stages\.(\d+)\.downsample\./, 'downsample_layers.$1.')
      .replace(
        /^stages\.(\d+)\.blocks\.(\d+)\.(conv_dw|mlp\.fc1|mlp\.fc2|norm|gamma)/,
        (_, stage: string, block: string, part: string) => `stages.${stage}.${block}.${PARTS[part] ?? part}`,
      )
      .replace(/^head\.norm\./, 'norm.')
      .replace(/^head\.fc\./, 'head.'),
};
