/**
 * ConvNeXt (Liu et al., CVPR 2022) as timm builds it: patches of 4 x 4 pixels, blocks of a depthwise 7 x 7 convolution,
 * layer norm and a perceptron with layer scale, and a norm after pooling. Nothing depends on a position, so it takes
 * any size; the stem and each down-sampling drop the pixels that their patches leave over.
 */
import { gelu } from '../layers/gelu';
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { constant, normal, zeros } from './initializers';
import { MICRO_RECIPE } from './micro-recipe';
import { conv } from './modules/conv';
import { depthwise } from './modules/depthwise';
import { blockDrops } from './modules/drop-columns';
import { headOf } from './modules/head';
import { hierarchy } from './modules/hierarchy';
import { layerNorm } from './modules/layer-norm';
import { linear } from './modules/linear';
import { elementwise, sequence, type Module } from './modules/module';
import { residual } from './modules/residual';
import { onRows } from './modules/rows';
import { scale } from './modules/scale';
import { stageLayers } from './modules/stage-layers';

interface Variant {
  id: string;
  timm: string | null;
  depths: readonly number[];
  dims: readonly number[];
  /** Side of the stem's patches. */
  patch: number;
  /** Rate of stochastic depth at 200 equivalent epochs. */
  dropPathRate: number;
}

const VARIANTS: readonly Variant[] = [
  {
    id: 'convnext_tiny',
    timm: 'convnext_tiny',
    depths: [3, 3, 9, 3],
    dims: [96, 192, 384, 768],
    patch: 4,
    dropPathRate: 0.1,
  },
  {
    id: 'convnext_small',
    timm: 'convnext_small',
    depths: [3, 3, 27, 3],
    dims: [96, 192, 384, 768],
    patch: 4,
    dropPathRate: 0.4,
  },
  {
    id: 'convnext_base',
    timm: 'convnext_base',
    depths: [3, 3, 27, 3],
    dims: [128, 256, 512, 1024],
    patch: 4,
    dropPathRate: 0.5,
  },
  {
    id: 'convnext_large',
    timm: 'convnext_large',
    depths: [3, 3, 27, 3],
    dims: [192, 384, 768, 1536],
    patch: 4,
    dropPathRate: 0.5,
  },
  // Its stem does not shrink the map, so images of 32 px give the four stages maps of 32, 16, 8 and 4.
  { id: 'convnext_micro', timm: null, depths: [1, 1, 3, 1], dims: [16, 32, 64, 128], patch: 1, dropPathRate: 0 },
];

const KERNEL = 7;
const MLP_RATIO = 4;
const LAYER_SCALE = 1e-6;
const WEIGHT = normal(0.02);

function block(name: string, width: number, column: number | null): Module {
  const hidden = MLP_RATIO * width;
  const gamma = scale(`${name}.gamma`, width, constant(LAYER_SCALE));
  const layers = [
    depthwise(`${name}.conv_dw`, { kernel: KERNEL, width, weight: WEIGHT, bias: zeros }),
    onRows(layerNorm(`${name}.norm`, width)),
    onRows(linear(`${name}.mlp.fc1`, { width, out: hidden, weight: WEIGHT, bias: zeros })),
    elementwise(gelu),
    onRows(linear(`${name}.mlp.fc2`, { width: hidden, out: width, weight: WEIGHT, bias: zeros })),
  ];
  const branch = sequence([...layers, onRows(gamma)]);
  // timm's blocks hold gamma themselves, before the parameters of their layers.
  const params = [...gamma.params, ...layers.flatMap((layer) => layer.params)];
  return residual({ ...branch, params }, column);
}

const downsample = (name: string, width: number, out: number): Module =>
  sequence([
    onRows(layerNorm(`${name}.0`, width)),
    conv(`${name}.1`, { kernel: 2, stride: 2, padding: 0, width, out, weight: WEIGHT, bias: zeros }),
  ]);

function stagesOf({ dims }: Variant, columns: readonly (number | null)[][]): Record<string, Module> {
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `stages.${stage}`;
      const width = dims[stage] as number;
      const blocks = ofStage.map((column, at) => block(`${name}.blocks.${at}`, width, column));
      return [
        name,
        sequence(stage > 0 ? [downsample(`${name}.downsample`, dims[stage - 1] as number, width), ...blocks] : blocks),
      ];
    }),
  );
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, depths, dims, patch } = variant;
  const [first, numFeatures] = [dims[0], dims.at(-1)] as [number, number];
  const { rates, columns } = blockDrops(options.drop_path_rate, depths);
  return hierarchy({
    id,
    options,
    stem: sequence([
      conv('stem.0', { kernel: patch, stride: patch, padding: 0, width: 3, out: first, weight: WEIGHT, bias: zeros }),
      onRows(layerNorm('stem.1', first)),
    ]),
    stages: stagesOf(variant, columns),
    norm: layerNorm('head.norm', numFeatures),
    numFeatures,
    head: headOf('head.fc', { width: numFeatures, classes: options.num_classes, weight: WEIGHT, bias: zeros }),
    dropPaths: rates,
    layers: stageLayers(depths),
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'convnext',
      task: 'classify',
      size: variant.timm ? 224 : 32,
      sizes: { kind: 'any', step: variant.timm ? 32 : 8, min: variant.timm ? 32 : 8 },
      timm: variant.timm,
      timmArgs: variant.timm
        ? { name: variant.timm, kwargs: {} }
        : {
            name: 'convnext_tiny',
            kwargs: { depths: [...variant.depths], dims: [...variant.dims], patch_size: variant.patch },
          },
      ...IMAGENET,
      cropPct: variant.timm ? 0.875 : 1,
      preset: 'efficienttrain++-convnext',
      // The authors of EfficientTrain++ train T, S and B with this rate (released scripts, 2024); L has the rate of
      // ConvNeXt's authors.
      recipe: variant.timm ? { 'model_args.drop_path_rate': variant.dropPathRate, 'ema.decay': 0.9999 } : MICRO_RECIPE,
    },
    (options) => create(variant, options),
  ),
);
