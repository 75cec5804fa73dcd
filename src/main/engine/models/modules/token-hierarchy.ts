import type { Model, Tensor } from '../../types';
import { hierarchy, type HierarchyOptions } from './hierarchy';
import type { Module, Pass } from './module';
import { byImage } from './token-encoder';

/** Stem and stages return flat tokens [N * L, C] of a square map; the norm is that of all tokens of the last stage. */
export type TokenHierarchyOptions = Omit<HierarchyOptions, 'norm' | 'pool' | 'mapOf'> & { norm: Module };

/** Turns flat tokens [N * S * S, C] into a map [N, S, S, C]. */
function mapOf(pass: Pass, x: Tensor): Tensor {
  const [rows, width] = x.shape as [number, number];
  const side = Math.sqrt(rows / pass.batch);
  return pass.context.tf.reshape(x, [pass.batch, side, side, width]);
}

/**
 * Makes a transformer of maps of falling size. Its features are the mean over the normalised tokens of the last map,
 * [N, numFeatures]. Its intermediates are each stage's map, float32 [N, H, W, C], not normalised, by the stage's name.
 */
export const tokenHierarchy = (options: TokenHierarchyOptions): Model =>
  hierarchy({
    ...options,
    pool: (pass, tokens, norm) => pass.context.tf.mean(byImage(pass, norm.apply(pass, tokens)), 1),
    mapOf,
  });
