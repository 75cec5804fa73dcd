/**
 * Dimensions of vision transformers (Dosovitskiy et al., ICLR 2021, table 1; Touvron et al., ICML 2021, table 1 for
 * tiny and small). Classifiers and the encoders of masked autoencoders (He et al., CVPR 2022) both have them, so that
 * the weights of one fit the other.
 */
export interface VitDimensions {
  /** Side of a patch in pixels. */
  patch: number;
  /** Width of a token. */
  dim: number;
  /** Number of blocks. */
  depth: number;
  heads: number;
  /** Side in pixels of the images for which it is made. */
  size: number;
}

export const VIT = {
  tiny: { patch: 16, dim: 192, depth: 12, heads: 3, size: 224 },
  small: { patch: 16, dim: 384, depth: 12, heads: 6, size: 224 },
  base: { patch: 16, dim: 768, depth: 12, heads: 12, size: 224 },
  large: { patch: 16, dim: 1024, depth: 24, heads: 16, size: 224 },
  huge: { patch: 14, dim: 1280, depth: 32, heads: 16, size: 224 },
  /** Is ours, for tests and small images. */
  micro: { patch: 4, dim: 64, depth: 4, heads: 2, size: 32 },
} as const satisfies Record<string, VitDimensions>;

/** Returns timm's arguments for a vision transformer of these dimensions. */
export const timmDimensions = ({ patch, dim, depth, heads }: VitDimensions): Record<string, number> => ({
  patch_size: patch,
  embed_dim: dim,
  depth,
  num_heads: heads,
});
