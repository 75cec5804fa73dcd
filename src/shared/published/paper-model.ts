/** Maps a paper's row to our network. */
import type { PublishedRow } from './row';

const IDS: Readonly<Record<string, string>> = {
  'ResNet-50': 'resnet50',
  'ConvNeXt-T': 'convnext_tiny',
  'ConvNeXt-S': 'convnext_small',
  'ConvNeXt-B': 'convnext_base',
  'ConvNeXt-L': 'convnext_large',
  'DeiT-T': 'deit_tiny_patch16_224',
  'DeiT-S': 'deit_small_patch16_224',
  'PVT-T': 'pvt_tiny',
  'PVT-S': 'pvt_small',
  'PVT-M': 'pvt_medium',
  'PVT-L': 'pvt_large',
  'Swin-T': 'swin_tiny_patch4_window7_224',
  'Swin-S': 'swin_small_patch4_window7_224',
  'Swin-B': 'swin_base_patch4_window7_224',
  'CSWin-T': 'cswin_tiny',
  'CSWin-S': 'cswin_small',
  'CSWin-B': 'cswin_base',
  'CSWin-L': 'cswin_large',
  'CAFormer-S18': 'caformer_s18',
  'CAFormer-S36': 'caformer_s36',
  'CAFormer-M36': 'caformer_m36',
};

const AUTOENCODERS: Readonly<Record<string, string>> = {
  'ViT-B': 'mae_vit_base_patch16',
  'ViT-L': 'mae_vit_large_patch16',
};

/** Returns the model. @returns null where the row's network has no counterpart here */
export const modelOfRow = ({ model }: Pick<PublishedRow, 'model'>): string | null =>
  IDS[model] ?? AUTOENCODERS[model] ?? null;
