import type { Model, ModelOptions, Tensor } from '../../types';
import { assemble } from './assemble';
import type { Head } from './head';
import { passOf, sequence, type Module, type Pass } from './module';
import { byImage } from './token-encoder';

export interface TokenHierarchyOptions {
  id: string;
  options: ModelOptions;
  /** [N, S, S, 3] -> flat tokens [N * L, C] of a square map. */
  stem: Module;
  /** By the name of their result, from the largest map to the smallest: flat tokens in, flat tokens out. */
  stages: Readonly<Record<string, Module>>;
  /** Of all tokens of the last map. */
  norm: Module;
  numFeatures: number;
  head: Head;
  dropPaths: readonly number[];
  /** See Model. */
  layers: Model['layers'];
}

/** Flat tokens [N * S * S, C] as a map [N, S, S, C]. */
function mapOf(pass: Pass, x: Tensor): Tensor {
  const [rows, width] = x.shape as [number, number];
  const side = Math.sqrt(rows / pass.batch);
  return pass.context.tf.reshape(x, [pass.batch, side, side, width]);
}

/**
 * A transformer of maps of falling size whose features are the mean over the normalised tokens of the last one, [N,
 * numFeatures]. Its intermediates are each stage's map, float32 [N, H, W, C], not normalised, by the stage's name.
 */
export function tokenHierarchy({ stem, stages, norm, head, ...rest }: TokenHierarchyOptions): Model {
  const trunk = sequence([stem, ...Object.values(stages)]);
  return assemble({
    ...rest,
    head,
    params: [...trunk.params, ...norm.params],
    macs: (size) => trunk.macs([size, size, 3]),
    intermediates: Object.keys(stages),
    encode: (context, x, { intermediates: wanted = [], ...options }) => {
      const pass = passOf(context, x, options);
      const intermediates: Record<string, Tensor> = {};
      let tokens = stem.apply(pass, x);
      for (const [name, stage] of Object.entries(stages)) {
        tokens = stage.apply(pass, tokens);
        if (wanted.includes(name)) intermediates[name] = mapOf(pass, tokens);
      }
      return { features: context.tf.mean(byImage(pass, norm.apply(pass, tokens)), 1), intermediates };
    },
  });
}
