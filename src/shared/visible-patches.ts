/**
 * Returns how many of an image's patches a masked autoencoder sees (He et al., CVPR 2022): all but `ratio` of them,
 * rounded down.
 */
export const visiblePatches = (length: number, ratio: number): number => Math.floor(length * (1 - ratio));
