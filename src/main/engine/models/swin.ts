/**
 * Swin transformer (Liu et al., ICCV 2021) in timm's form: attention in windows that are shifted by half in every
 * second block, and maps that halve from stage to stage. The windows follow the image's size, as in EfficientTrain++:
 * their number is the same at every size, and their side is B / 32.
 */
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { branchDrops, type BranchColumns } from './modules/drop-columns';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { elementwise, sequence, type Module } from './modules/module';
import { patchMerging } from './modules/patch-merging';
import { stageLayers } from './modules/stage-layers';
import { tokenHierarchy } from './modules/token-hierarchy';
import { patchEmbed, preNormBlock } from './modules/transformer-block';
import { windowAttention } from './modules/window-attention';

interface Variant {
  id: string;
  timm: string | null;
  patch: number;
  dim: number;
  depths: readonly number[];
  heads: readonly number[];
  size: number;
  cropPct: number;
  dropPathRate: number;
}

/** PyTorch's default, which Swin keeps. */
const EPSILON = 1e-5;

const published = (
  size: string,
  dim: number,
  depths: readonly number[],
  heads: readonly number[],
  dropPathRate: number,
): Variant => {
  const id = `swin_${size}_patch4_window7_224`;
  return { id, timm: id, patch: 4, dim, depths, heads, size: 224, cropPct: 0.9, dropPathRate };
};

const VARIANTS: readonly Variant[] = [
  published('tiny', 96, [2, 2, 6, 2], [3, 6, 12, 24], 0.2),
  published('small', 96, [2, 2, 18, 2], [3, 6, 12, 24], 0.3),
  published('base', 128, [2, 2, 18, 2], [4, 8, 16, 32], 0.5),
  // EfficientTrain++ publishes no rate for it; its authors train it with this one.
  published('large', 192, [2, 2, 18, 2], [6, 12, 24, 48], 0.2),
  {
    ...{ id: 'swin_micro', timm: null, patch: 2, dim: 32, depths: [2, 2, 2], heads: [2, 4, 8], size: 32, cropPct: 1 },
    dropPathRate: 0,
  },
];

/**
 * Returns the number of windows along a side of the first map. Each stage has half as many, so the last map is one
 * window.
 */
const firstWindows = ({ depths }: Variant): number => 2 ** (depths.length - 1);
/** Returns the number of pixels by which a window grows by a token; sizes are multiples of it. */
const multipleOf = (variant: Variant): number => variant.patch * firstWindows(variant);

/** Returns the side of a window in tokens at this size. */
const windowAt = (variant: Variant, size: number): number => size / multipleOf(variant);

/** Makes the stem: [N, S, S, 3] -> flat tokens [N * L, dim]. */
const stemOf = ({ patch, dim }: Variant): Module =>
  sequence([
    patchEmbed('patch_embed.proj', patch, dim),
    elementwise(({ tf }, x) => tf.reshape(x, [x.size / dim, dim])),
    layerNorm('patch_embed.norm', dim, EPSILON),
  ]);

function stagesOf(variant: Variant, columns: readonly BranchColumns[][], stored: number): Record<string, Module> {
  const { dim, heads } = variant;
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `layers.${stage}`;
      const width = dim * 2 ** stage;
      const blocks = ofStage.map((own, index) => {
        const attention = windowAttention(`${name}.blocks.${index}.attn`, {
          ...{ dim: width, heads: heads[stage] as number, windows: firstWindows(variant) / 2 ** stage },
          ...{ shifted: index % 2 === 1, stored },
        });
        return preNormBlock(`${name}.blocks.${index}`, attention, {
          ...{ dim: width, epsilon: EPSILON, weight: () => normal(0.02), columns: own },
        });
      });
      return [name, sequence([...(stage ? [patchMerging(`${name}.downsample`, width / 2, EPSILON)] : []), ...blocks])];
    }),
  );
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, dim, depths } = variant;
  const numFeatures = dim * 2 ** (depths.length - 1);
  const { rates, columns } = branchDrops(options.drop_path_rate, depths);
  return tokenHierarchy({
    id,
    options,
    stem: stemOf(variant),
    stages: stagesOf(variant, columns, windowAt(variant, options.img_size)),
    norm: layerNorm('norm', numFeatures, EPSILON),
    numFeatures,
    head: headOf('head.fc', { width: numFeatures, classes: options.num_classes, weight: normal(0.02), bias: zeros }),
    dropPaths: rates,
    layers: stageLayers(depths, { stem: 'patch_embed', stage: 'layers', last: 'norm' }),
  });
}

/** Returns timm's arguments, which are for one size and the window of that size. */
function timmArgsOf(variant: Variant): NonNullable<ModelEntry['timmArgs']> {
  const { timm, patch, dim, depths, heads } = variant;
  if (timm) return { name: timm, kwargs: {} };
  const kwargs = { patch_size: patch, embed_dim: dim, depths: [...depths], num_heads: [...heads] };
  return { name: 'swin_tiny_patch4_window7_224', kwargs };
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'swin',
      task: 'classify',
      size: variant.size,
      // A window of one token has nothing to attend to.
      sizes: { kind: 'windows', step: multipleOf(variant), min: 2 * multipleOf(variant) },
      timm: variant.timm,
      timmArgs: timmArgsOf(variant),
      timmArgsAt: (size) => ({ img_size: size, window_size: windowAt(variant, size) }),
      ...IMAGENET,
      cropPct: variant.cropPct,
      // Wang et al., TPAMI 2024, supplementary: clipping at 5, and these rates of stochastic depth at 200 epochs.
      preset: 'efficienttrain++',
      recipe: {
        'optimizer.clip_grad_norm': 5,
        ...(variant.timm ? { 'model_args.drop_path_rate': variant.dropPathRate } : MICRO_ATTENTION_RECIPE),
      },
    },
    (options) => create(variant, options),
  ),
);
