/**
 * CSWin transformer (Dong et al., CVPR 2022) in its authors' names: attention in stripes across and along the map at
 * once, a positional encoding by convolution, and convolutions between the stages. Stripes follow the image's size, as
 * EfficientTrain++ trains it: they are one and two tokens wide in the first stages, half the map in the last but one,
 * and the whole map in the last.
 */
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { convEmbed } from './modules/conv-embed';
import { crossWindowAttention, type CrossWindowOptions } from './modules/cross-window-attention';
import { branchDrops, type BranchColumns } from './modules/drop-columns';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { sequence, type Module } from './modules/module';
import { tokenHierarchy } from './modules/token-hierarchy';
import { preNormBlock } from './modules/transformer-block';

interface Variant {
  id: string;
  /** Side of the pixels that become one token. */
  stride: number;
  dim: number;
  depths: readonly number[];
  heads: readonly number[];
  /** Width of a stripe in tokens in the first stages; later stages have a half map and a whole one. */
  stripes: readonly number[];
  size: number;
  cropPct: number;
  recipe: Record<string, unknown>;
}

/** PyTorch's default, which CSWin keeps. */
const EPSILON = 1e-5;

/** Side of the stem's kernel, px. */
const KERNEL = 7;

const published = (
  size: string,
  { dim, depths, heads }: Pick<Variant, 'dim' | 'depths' | 'heads'>,
  recipe: Record<string, unknown>,
): Variant => ({
  id: `cswin_${size}`,
  stride: 4,
  dim,
  depths,
  heads,
  stripes: [1, 2],
  size: 224,
  cropPct: 0.9,
  recipe,
});

/**
 * Returns the recipe. Rates of stochastic depth are those of 200 epochs (Wang et al., TPAMI 2024, supplementary). The
 * loop of the authors' scripts does not clip, but their LAMB (released scripts, lamb.py) scales the norm of the whole
 * gradient down to 1 by itself.
 */
const adamW = (dropPathRate: number): Record<string, unknown> => ({
  'model_args.drop_path_rate': dropPathRate,
  'ema.decay': 0.9999,
});
const LAMB = {
  ...{ 'optimizer.name': 'lamb', 'optimizer.base_lr': 8e-3, 'optimizer.weight_decay': 0.1, 'optimizer.eps': 1e-6 },
  ...{ 'model_args.drop_path_rate': 0.5, 'ema.decay': 0.9998, 'optimizer.clip_grad_norm': 1 },
};

const VARIANTS: readonly Variant[] = [
  published('tiny', { dim: 64, depths: [1, 2, 21, 1], heads: [2, 4, 8, 16] }, adamW(0.2)),
  published('small', { dim: 64, depths: [2, 4, 32, 2], heads: [2, 4, 8, 16] }, adamW(0.4)),
  published('base', { dim: 96, depths: [2, 4, 32, 2], heads: [4, 8, 16, 32] }, LAMB),
  // EfficientTrain++ trains it on ImageNet-22K only; on ImageNet-1K it has the recipe of the base model.
  published('large', { dim: 144, depths: [2, 4, 32, 2], heads: [6, 12, 24, 24] }, LAMB),
  {
    ...{
      id: 'cswin_micro',
      stride: 2,
      dim: 32,
      depths: [1, 2, 1],
      heads: [2, 4, 8],
      stripes: [1],
      size: 32,
      cropPct: 1,
    },
    recipe: MICRO_ATTENTION_RECIPE,
  },
];

/** Returns the side in px of a token of the last map. */
const multipleOf = ({ stride, depths }: Variant): number => stride * 2 ** (depths.length - 1);

/**
 * Makes the stem: [N, S, S, 3] -> flat tokens [N * L, dim]; the convolution's padding keeps the side, before the
 * stride.
 */
const stemOf = ({ stride, dim }: Variant): Module =>
  convEmbed({
    ...{
      conv: 'stage1_conv_embed.0',
      norm: 'stage1_conv_embed.2',
      kernel: KERNEL,
      stride,
      width: 3,
      out: dim,
      epsilon: EPSILON,
    },
    padding: Math.ceil((KERNEL - stride) / 2),
  });

function stripeAt({ depths, stripes }: Variant, stage: number): CrossWindowOptions['stripe'] {
  if (stage === depths.length - 1) return null;
  const fixed = stripes[stage];
  return (side) => fixed ?? side / 2;
}

function stagesOf(variant: Variant, columns: readonly BranchColumns[][]): Record<string, Module> {
  const { dim, heads } = variant;
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `stage${stage + 1}`;
      const width = dim * 2 ** stage;
      const blocks = ofStage.map((own, index) => {
        const options = { dim: width, heads: heads[stage] as number, stripe: stripeAt(variant, stage) };
        return preNormBlock(`${name}.${index}`, crossWindowAttention(`${name}.${index}`, options), {
          ...{ dim: width, epsilon: EPSILON, weight: () => normal(0.02), columns: own },
        });
      });
      const merge = convEmbed({
        ...{
          conv: `merge${stage}.conv`,
          norm: `merge${stage}.norm`,
          kernel: 3,
          stride: 2,
          padding: 1,
          epsilon: EPSILON,
        },
        ...{ width: width / 2, out: width },
      });
      return [name, sequence([...(stage ? [merge] : []), ...blocks])];
    }),
  );
}

/**
 * Returns the layers for layer decay: the stem, then two blocks of a stage at a time, with the merging of tokens before
 * them, as EfficientTrain++ fine-tunes the model.
 */
function layersOf({ depths }: Variant): string[][] {
  const groups = depths.flatMap((depth, stage) =>
    Array.from({ length: Math.ceil(depth / 2) }, (_, group) => [
      ...(stage && group === 0 ? [`merge${stage}`] : []),
      ...[2 * group, 2 * group + 1].filter((index) => index < depth).map((index) => `stage${stage + 1}.${index}`),
      ...(stage === depths.length - 1 && group === Math.ceil(depth / 2) - 1 ? ['norm'] : []),
    ]),
  );
  return [['stage1_conv_embed'], ...groups];
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, dim, depths } = variant;
  const numFeatures = dim * 2 ** (depths.length - 1);
  const { rates, columns } = branchDrops(options.drop_path_rate, depths);
  return tokenHierarchy({
    id,
    options,
    stem: stemOf(variant),
    stages: stagesOf(variant, columns),
    norm: layerNorm('norm', numFeatures, EPSILON),
    numFeatures,
    head: headOf('head', { width: numFeatures, classes: options.num_classes, weight: normal(0.02), bias: zeros }),
    dropPaths: rates,
    layers: layersOf(variant),
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'cswin',
      task: 'classify',
      size: variant.size,
      sizes: { kind: 'windows', step: multipleOf(variant), min: 2 * multipleOf(variant) },
      timm: null,
      timmArgs: null,
      ...IMAGENET,
      cropPct: variant.cropPct,
      preset: 'efficienttrain++',
      recipe: variant.recipe,
    },
    (options) => create(variant, options),
  ),
);
