/**
 * ResNet (He et al., CVPR 2016) as timm builds it: 7x7 stem, basic or bottleneck blocks, batch norm, symmetric padding.
 * The last norm of each block starts at zero.
 */
import { dropPath } from '../layers/drop-path';
import { relu } from '../layers/relu';
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { kaimingFanOut, uniformFanIn, zeros } from './initializers';
import { MICRO_RECIPE } from './micro-recipe';
import { convNorm, maxPool, type ConvNormOptions } from './modules/conv-norm';
import { blockDrops } from './modules/drop-columns';
import { headOf } from './modules/head';
import { hierarchy } from './modules/hierarchy';
import { sequence, type Module } from './modules/module';

interface Variant {
  id: string;
  timm: string | null;
  block: 'basic' | 'bottleneck';
  layers: readonly number[];
  channels: readonly number[];
  /** Side in px that the strides reduce to one. */
  stride: number;
  size: number;
  cropPct: number;
}

interface BlockOptions {
  name: string;
  kind: Variant['block'];
  /** Channels of the input and of the block's inner convolutions. */
  width: number;
  planes: number;
  stride: number;
  /** Column of `keep`; null where the block is never dropped. */
  column: number | null;
  epsilon: number;
}

const STEM = 64;
const EXPANSION = { basic: 1, bottleneck: 4 };

const VARIANTS: readonly Variant[] = [
  {
    id: 'resnet18',
    timm: 'resnet18',
    block: 'basic',
    layers: [2, 2, 2, 2],
    channels: [64, 128, 256, 512],
    stride: 32,
    size: 224,
    cropPct: 0.875,
  },
  {
    id: 'resnet34',
    timm: 'resnet34',
    block: 'basic',
    layers: [3, 4, 6, 3],
    channels: [64, 128, 256, 512],
    stride: 32,
    size: 224,
    cropPct: 0.875,
  },
  {
    id: 'resnet50',
    timm: 'resnet50',
    block: 'bottleneck',
    layers: [3, 4, 6, 3],
    channels: [64, 128, 256, 512],
    stride: 32,
    size: 224,
    cropPct: 0.875,
  },
  {
    id: 'resnet101',
    timm: 'resnet101',
    block: 'bottleneck',
    layers: [3, 4, 23, 3],
    channels: [64, 128, 256, 512],
    stride: 32,
    size: 224,
    cropPct: 0.875,
  },
  {
    id: 'resnet152',
    timm: 'resnet152',
    block: 'bottleneck',
    layers: [3, 8, 36, 3],
    channels: [64, 128, 256, 512],
    stride: 32,
    size: 224,
    cropPct: 0.875,
  },
  // Padded convolutions take any size; multiples of 8 allow a curriculum for images of 32 px.
  {
    id: 'resnet_micro',
    timm: null,
    block: 'basic',
    layers: [1, 1, 1, 1],
    channels: [32, 64, 128, 256],
    stride: 8,
    size: 64,
    cropPct: 1,
  },
];

type Convolution = Pick<ConvNormOptions, 'conv' | 'norm' | 'kernel' | 'stride' | 'width' | 'out' | 'epsilon'>;

const convolution = (options: Convolution & Pick<ConvNormOptions, 'gain' | 'relu'>): Module =>
  convNorm({ ...options, weight: kaimingFanOut(options.kernel, options.out) });

function branchOf({ name, kind, width, planes, stride, epsilon }: BlockOptions): Module {
  const out = planes * EXPANSION[kind];
  const sides = {
    basic: [
      { kernel: 3, stride, width, out: planes },
      { kernel: 3, stride: 1, width: planes, out },
    ],
    bottleneck: [
      { kernel: 1, stride: 1, width, out: planes },
      { kernel: 3, stride, width: planes, out: planes },
      { kernel: 1, stride: 1, width: planes, out },
    ],
  }[kind];
  return sequence(
    sides.map((each, index) => {
      const names = { conv: `${name}.conv${index + 1}`, norm: `${name}.bn${index + 1}` };
      const last = index === sides.length - 1;
      return convolution({ ...names, ...each, epsilon, ...(last ? { gain: zeros } : { relu: true }) });
    }),
  );
}

/** Makes a block, relu(branch(x) + x), where x passes a 1x1 convolution if the branch changes its shape. */
function block(options: BlockOptions): Module {
  const { name, kind, width, planes, stride, column, epsilon } = options;
  const out = planes * EXPANSION[kind];
  const branch = branchOf(options);
  const names = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
  const skip =
    stride === 1 && width === out ? sequence([]) : convolution({ ...names, kernel: 1, stride, width, out, epsilon });
  return {
    params: [...branch.params, ...skip.params],
    shape: branch.shape,
    macs: (input) => branch.macs(input) + skip.macs(input),
    apply: (pass, x) => {
      const { context, keep } = pass;
      const kept = skip.apply(pass, x);
      return relu(context, context.tf.add(dropPath(context, branch.apply(pass, x), keep, column), kept));
    },
  };
}

function stagesOf(
  { block: kind, channels }: Variant,
  columns: readonly (number | null)[][],
  epsilon: number,
): Record<string, Module> {
  let width = STEM;
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `layer${stage + 1}`;
      const planes = channels[stage] as number;
      const blocks = ofStage.map((column, at) => {
        const stride = stage > 0 && at === 0 ? 2 : 1;
        const made = block({
          name: `${name}.${at}`,
          kind,
          width,
          planes,
          stride,
          column,
          epsilon,
        });
        width = planes * EXPANSION[kind];
        return made;
      });
      return [name, sequence(blocks)];
    }),
  );
}

/** Lists the layers: the stem, then each block of each stage. */
function layersOf({ layers }: Variant): string[][] {
  const blocks = layers.flatMap((count, stage) =>
    Array.from({ length: count }, (_, at) => [`layer${stage + 1}.${at}`]),
  );
  return [['conv1', 'bn1'], ...blocks];
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, block: kind, layers, channels } = variant;
  const epsilon = options.bn_eps ?? 1e-5;
  const { rates, columns } = blockDrops(options.drop_path_rate, layers);
  const numFeatures = (channels.at(-1) as number) * EXPANSION[kind];
  const init = uniformFanIn(numFeatures);
  return hierarchy({
    id,
    options,
    stem: sequence([
      convolution({ conv: 'conv1', norm: 'bn1', kernel: 7, stride: 2, width: 3, out: STEM, relu: true, epsilon }),
      maxPool(3, 2, 1),
    ]),
    stages: stagesOf(variant, columns, epsilon),
    numFeatures,
    head: headOf('fc', { width: numFeatures, classes: options.num_classes, weight: init, bias: init }),
    dropPaths: rates,
    layers: layersOf(variant),
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'resnet',
      task: 'classify',
      size: variant.size,
      sizes: { kind: 'strides', step: variant.stride, min: variant.stride },
      timm: variant.timm,
      timmArgs: variant.timm
        ? { name: variant.timm, kwargs: {} }
        : { name: 'resnet18', kwargs: { layers: [...variant.layers], channels: [...variant.channels] } },
      ...IMAGENET,
      cropPct: variant.cropPct,
      // Wang et al., TPAMI 2024, supplementary: ResNet-50 trains without stochastic depth and clipping, 20 warm-up
      // passes.
      preset: 'efficienttrain++',
      recipe: variant.timm ? {} : MICRO_RECIPE,
    },
    (options) => create(variant, options),
  ),
);
