/** Sizes of vision transformers that published recipes distinguish; a smaller one trains as the base size. */
export type VitSize = 'base' | 'large' | 'huge';

/** Returns the size by the model's id, which has timm's words for the sizes: `vit_large_patch16_224`. */
export function sizeOfVit(model: string): VitSize {
  const words = model.split('_');
  return words.includes('huge') ? 'huge' : words.includes('large') ? 'large' : 'base';
}
