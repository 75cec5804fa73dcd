import type { Model, ModelOptions, Tensor } from '../../types';
import { assemble } from './assemble';
import type { Head } from './head';
import { passOf, sequence, type Module, type Pass } from './module';

export interface HierarchyOptions {
  id: string;
  options: ModelOptions;
  stem: Module;
  /** Stages by timm's name, from the largest map to the smallest. */
  stages: Readonly<Record<string, Module>>;
  /** Norm of the last stage's output, where `pool` takes it. Default: none. */
  norm?: Module;
  /** Pools the last stage's output to features [N, numFeatures]. Default: the norm of the mean over the map. */
  pool?: (pass: Pass, x: Tensor, norm: Module) => Tensor;
  /** Returns the map float32 [N, H, W, C] of a stage's output. Default: the output is one. */
  mapOf?: (pass: Pass, x: Tensor) => Tensor;
  numFeatures: number;
  head: Head;
  dropPaths: readonly number[];
  /** See Model. */
  layers: Model['layers'];
}

const meanThenNorm = (pass: Pass, map: Tensor, norm: Module): Tensor =>
  norm.apply(pass, pass.context.tf.mean(map, [1, 2]));

/**
 * Makes a network of feature maps of falling size whose features, [N, numFeatures], are pooled from the last map. Its
 * intermediates are each stage's map, float32 [N, H, W, C], by the stage's name.
 */
export function hierarchy({
  stem,
  stages,
  norm = sequence([]),
  pool = meanThenNorm,
  mapOf = (_, x) => x,
  ...rest
}: HierarchyOptions): Model {
  const trunk = sequence([stem, ...Object.values(stages)]);
  return assemble({
    ...rest,
    params: [...trunk.params, ...norm.params],
    macs: (size) => trunk.macs([size, size, 3]),
    intermediates: Object.keys(stages),
    encode: (context, x, { intermediates: wanted = [], ...options }) => {
      const pass = passOf(context, x, options);
      const intermediates: Record<string, Tensor> = {};
      let now = stem.apply(pass, x);
      for (const [name, stage] of Object.entries(stages)) {
        now = stage.apply(pass, now);
        if (wanted.includes(name)) intermediates[name] = mapOf(pass, now);
      }
      return { features: pool(pass, now, norm), intermediates };
    },
  });
}
