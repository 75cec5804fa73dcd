/** The sizes of vision transformers that published recipes tell apart; what is smaller trains as the base one. */
export type VitSize = 'base' | 'large' | 'huge';

/** By the model's id, which has timm's words for the sizes: `vit_large_patch16_224`. */
export function sizeOfVit(model: string): VitSize {
  const words = model.split('_');
  return words.includes('huge') ? 'huge' : words.includes('large') ? 'large' : 'base';
}
