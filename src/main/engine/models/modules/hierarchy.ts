import type { Model, ModelOptions, Tensor } from '../../types';
import { assemble } from './assemble';
import type { Head } from './head';
import { passOf, sequence, type Module } from './module';

export interface HierarchyOptions {
  id: string;
  options: ModelOptions;
  stem: Module;
  /** By timm's name, from the largest map to the smallest. */
  stages: Readonly<Record<string, Module>>;
  /** Of the pooled features, [N, numFeatures]. Default: none. */
  norm?: Module;
  numFeatures: number;
  head: Head;
  dropPaths: readonly number[];
  /** See Model. */
  layers: Model['layers'];
}

/**
 * A network of feature maps of falling size whose features are the mean over the last map, [N, numFeatures], and its
 * norm. Its intermediates are each stage's map, float32 [N, H, W, C], by the stage's name.
 */
export function hierarchy({ stem, stages, norm = sequence([]), head, ...rest }: HierarchyOptions): Model {
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
      let map = stem.apply(pass, x);
      for (const [name, stage] of Object.entries(stages)) {
        map = stage.apply(pass, map);
        if (wanted.includes(name)) intermediates[name] = map;
      }
      return { features: norm.apply(pass, context.tf.mean(map, [1, 2])), intermediates };
    },
  });
}
