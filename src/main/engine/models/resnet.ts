/**
 * ResNet (He et al., CVPR 2016) as timm builds it: 7x7 stem, basic or bottleneck blocks, batch norm, symmetric padding, last
 * norm of a block zero at the start.
 */
import { convNorm } from '../layers/conv-norm';
import { dropColumns, dropPath, linearRates } from '../layers/drop-path';
import { linear } from '../layers/linear';
import { maxPool } from '../layers/max-pool';
import { relu } from '../layers/relu';
import type { Context, ForwardOptions, Model, ModelEntry, ModelOptions, Tensor } from '../types';
import { kaimingFanOut, ones, uniformFanIn, zeros } from './initializers';
import { MICRO_RECIPE } from './micro-recipe';
import { countParameters, ParamList } from './param-list';

interface Variant {
  id: string;
  timm: string | null;
  block: 'basic' | 'bottleneck';
  layers: readonly number[];
  channels: readonly number[];
  multiple: number;
  size: number;
  cropPct: number;
}

/** One block as a list of convolutions, with the names that timm gives them. */
interface Block {
  name: string;
  convs: { kernel: number; stride: number; width: number; out: number }[];
  downsample: { width: number; out: number; stride: number } | null;
}

const STEM = 64;

const VARIANTS: readonly Variant[] = [
  {
    id: 'resnet18',
    timm: 'resnet18',
    block: 'basic',
    layers: [2, 2, 2, 2],
    channels: [64, 128, 256, 512],
    multiple: 32,
    size: 224,
    cropPct: 0.875,
  },
  {
    id: 'resnet50',
    timm: 'resnet50',
    block: 'bottleneck',
    layers: [3, 4, 6, 3],
    channels: [64, 128, 256, 512],
    multiple: 32,
    size: 224,
    cropPct: 0.875,
  },
  // Padded convolutions take any size; multiples of 8 let 32 px images have a curriculum.
  {
    id: 'resnet_micro',
    timm: null,
    block: 'basic',
    layers: [1, 1, 1, 1],
    channels: [32, 64, 128, 256],
    multiple: 8,
    size: 64,
    cropPct: 1,
  },
];

function blocksOf({ block, layers, channels }: Variant): Block[] {
  const expansion = block === 'basic' ? 1 : 4;
  let width = STEM;
  return layers.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const planes = channels[stage] as number;
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const out = planes * expansion;
      const basic = [
        { kernel: 3, stride, width, out: planes },
        { kernel: 3, stride: 1, width: planes, out: planes },
      ];
      const bottleneck = [
        { kernel: 1, stride: 1, width, out: planes },
        { kernel: 3, stride, width: planes, out: planes },
        { kernel: 1, stride: 1, width: planes, out },
      ];
      const made: Block = {
        name: `layer${stage + 1}.${index}`,
        convs: block === 'basic' ? basic : bottleneck,
        downsample: stride === 1 && width === out ? null : { width, out, stride },
      };
      width = out;
      return made;
    }),
  );
}

function paramsOf(blocks: readonly Block[], numFeatures: number, numClasses: number): ParamList {
  const params = new ParamList();
  params.conv('conv1', 7, 3, STEM, kaimingFanOut(7, STEM));
  params.batchNorm('bn1', STEM);
  for (const { name, convs, downsample } of blocks) {
    convs.forEach(({ kernel, width, out }, index) => {
      params.conv(`${name}.conv${index + 1}`, kernel, width, out, kaimingFanOut(kernel, out));
      params.batchNorm(`${name}.bn${index + 1}`, out, index === convs.length - 1 ? zeros : ones);
    });
    if (downsample) {
      params.conv(`${name}.downsample.0`, 1, downsample.width, downsample.out, kaimingFanOut(1, downsample.out));
      params.batchNorm(`${name}.downsample.1`, downsample.out);
    }
  }
  params.linear('fc', numFeatures, numClasses, uniformFanIn(numFeatures), uniformFanIn(numFeatures));
  return params;
}

function create(variant: Variant, options: ModelOptions): Model {
  const blocks = blocksOf(variant);
  const numFeatures = blocks.at(-1)?.convs.at(-1)?.out ?? 0;
  const { rates, columns } = dropColumns(linearRates(options.drop_path_rate, blocks.length));
  const epsilon = options.bn_eps ?? 1e-5;

  function forward(context: Context, x: Tensor, { training, keep, dropout, param = context.variable }: ForwardOptions): Tensor {
    const { tf } = context;
    const fixed = { training, epsilon, param };
    let h = convNorm(context, x, { ...fixed, conv: 'conv1', norm: 'bn1', stride: 2, padding: 3, relu: true });
    h = maxPool(context, h, 3, 2, 1);
    blocks.forEach(({ name, convs, downsample }, index) => {
      let skip = h;
      if (downsample) {
        const names = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
        skip = convNorm(context, h, { ...fixed, ...names, stride: downsample.stride, padding: 0 });
      }
      convs.forEach(({ kernel, stride }, at) => {
        const names = { conv: `${name}.conv${at + 1}`, norm: `${name}.bn${at + 1}` };
        h = convNorm(context, h, { ...fixed, ...names, stride, padding: (kernel - 1) / 2, relu: at < convs.length - 1 });
      });
      h = relu(context, tf.add(dropPath(context, h, keep, columns[index] ?? null), skip));
    });
    const pooled: Tensor = tf.mean(h, [1, 2]);
    return linear(context, training && dropout ? tf.mul(pooled, dropout) : pooled, param('fc.weight'), param('fc.bias'));
  }

  return {
    id: variant.id,
    options,
    params: paramsOf(blocks, numFeatures, options.num_classes).specs,
    numFeatures,
    dropPaths: rates,
    forward,
  };
}

/** Multiply-adds of the convolutions and the classifier, as timm counts them. */
function macs(variant: Variant, size: number): number {
  const halved = (side: number): number => Math.floor((side - 1) / 2) + 1;
  let side = halved(size);
  let total = side * side * 49 * 3 * STEM;
  side = halved(side);
  const blocks = blocksOf(variant);
  for (const { convs, downsample } of blocks) {
    for (const { kernel, stride, width, out } of convs) {
      if (stride === 2) side = halved(side);
      total += side * side * kernel * kernel * width * out;
    }
    if (downsample) total += side * side * downsample.width * downsample.out;
  }
  return total + (blocks.at(-1)?.convs.at(-1)?.out ?? 0) * 1000;
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) => ({
  id: variant.id,
  family: 'resnet',
  size: variant.size,
  multiple: variant.multiple,
  minSize: variant.multiple,
  timm: variant.timm,
  timmArgs: variant.timm
    ? { name: variant.timm, kwargs: {} }
    : { name: 'resnet18', kwargs: { layers: [...variant.layers], channels: [...variant.channels] } },
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  cropPct: variant.cropPct,
  interpolation: 'bicubic',
  // Wang et al., TPAMI 2024, supplementary: ResNet-50 trains without stochastic depth and clipping, 20 warm-up passes.
  preset: 'efficienttrain++',
  recipe: variant.timm ? {} : MICRO_RECIPE,
  create: (options) => create(variant, options),
  parameters: (numClasses) =>
    countParameters(create(variant, { num_classes: numClasses, img_size: variant.size, drop_path_rate: 0, drop_rate: 0 }).params),
  macs: (size) => macs(variant, size),
}));
