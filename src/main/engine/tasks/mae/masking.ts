import { rngOf, textKey } from '../../../../shared/random';
import { visiblePatches } from '../../../../shared/visible-patches';

/** Says which patches of a batch's images are visible. */
export interface Masks {
  /** int32 [N, K], flat: index of each visible patch among all L of its image. */
  ids_keep: Int32Array;
  /** int32 [N, L], flat: place of each patch in the shuffled order, whose first K are visible. */
  ids_restore: Int32Array;
  /** float32 [N, L], flat: 1 where a patch is masked, 0 where it is visible. */
  mask: Float32Array;
}

export interface MaskingOptions {
  seed: number;
  step: number;
  /** Number that identifies each image's draw, e.g. its place in the batch; one entry for each image. */
  images: readonly number[];
  /** Number of patches of an image. */
  length: number;
  /** Share of the patches that is masked. */
  ratio: number;
}

const MASK = textKey('mae_mask');

/** Returns the indices that sort the values; of equal values the earlier comes first. */
const argsort = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);

/**
 * Masks one image from noise (He et al., CVPR 2022, sec. 3): patches are shuffled by sorting the noise, and the first K
 * stay visible.
 * @param noise one number for each of the image's L patches @param kept K
 */
export function maskFromNoise(noise: ArrayLike<number>, kept: number): Masks {
  const shuffled = argsort(noise);
  const restore = new Int32Array(noise.length);
  const mask = new Float32Array(noise.length);
  shuffled.forEach((patch, place) => {
    restore[patch] = place;
    mask[patch] = place < kept ? 0 : 1;
  });
  return { ids_keep: Int32Array.from(shuffled.slice(0, kept)), ids_restore: restore, mask };
}

/** Draws the masks of a batch, a pure function of (seed, step, image) for each of its images. */
export function drawMasks({ seed, step, images, length, ratio }: MaskingOptions): Masks {
  const kept = visiblePatches(length, ratio);
  const count = images.length;
  const masks: Masks = {
    ids_keep: new Int32Array(count * kept),
    ids_restore: new Int32Array(count * length),
    mask: new Float32Array(count * length),
  };
  images.forEach((image, index) => {
    const rng = rngOf(seed, MASK, step, image);
    const own = maskFromNoise(
      Float64Array.from({ length }, () => rng.uniform()),
      kept,
    );
    masks.ids_keep.set(own.ids_keep, index * kept);
    masks.ids_restore.set(own.ids_restore, index * length);
    masks.mask.set(own.mask, index * length);
  });
  return masks;
}
