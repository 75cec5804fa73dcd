/**
 * Vision transformer (Dosovitskiy et al., ICLR 2021) as DeiT trains it without distillation (Touvron et al., ICML
 * 2021), in timm's form: class token, learned position embedding, pre-norm blocks. Position embeddings are stored for
 * the run's final grid and resampled for the grid of every stage.
 */
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { assemble } from './modules/assemble';
import { branchDrops } from './modules/drop-columns';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { plain } from './modules/params';
import { learnedPositions } from './modules/positions';
import { tokenEmbedding } from './modules/token-embedding';
import { tokenEncoder } from './modules/token-encoder';
import { patchEmbed, transformerBlock, transformerLayers } from './modules/transformer-block';
import { timmDimensions, VIT, type VitDimensions } from './vit-dimensions';

interface Variant extends VitDimensions {
  id: string;
  timm: string | null;
  cropPct: number;
  dropPathRate: number;
}

const published = (id: string, dimensions: VitDimensions, dropPathRate: number): Variant => ({
  ...dimensions,
  id,
  timm: id,
  cropPct: 0.9,
  dropPathRate,
});

const micro = (id: string, dimensions: VitDimensions): Variant => ({
  ...dimensions,
  id,
  timm: null,
  cropPct: 1,
  dropPathRate: 0,
});

const VARIANTS: readonly Variant[] = [
  published('deit_tiny_patch16_224', VIT.tiny, 0.1),
  published('deit_small_patch16_224', VIT.small, 0.1),
  published('deit_base_patch16_224', VIT.base, 0.1),
  published('vit_small_patch16_224', VIT.small, 0.1),
  // These are the sizes of masked autoencoders, with stochastic depth as for fine-tuning (He et al., CVPR 2022,
  // appendix A.1).
  published('vit_base_patch16_224', VIT.base, 0.1),
  published('vit_large_patch16_224', VIT.large, 0.2),
  published('vit_huge_patch14_224', VIT.huge, 0.3),
  micro('deit_micro', VIT.micro),
  // Its patch is no power of two, like vit_huge's 14, and fits images of 28 px, like MNIST's.
  micro('vit_micro', { patch: 7, dim: 96, depth: 3, heads: 6, size: 28 }),
];

function create(variant: Variant, options: ModelOptions): Model {
  const { id, patch, dim, depth, heads } = variant;
  const average = options.global_pool === 'avg';
  const weight = normal(0.02);
  const { rates, columns } = branchDrops(options.drop_path_rate, [depth]);
  const blocks = columns
    .flat()
    .map((own, index) => transformerBlock(`blocks.${index}`, { dim, heads, weight: () => weight, columns: own }));
  const embed = tokenEmbedding({
    patches: patchEmbed('patch_embed.proj', patch, dim),
    patch,
    dim,
    classToken: plain('cls_token', [1, 1, dim], normal(1e-6)),
    positions: learnedPositions('pos_embed', options.img_size / patch, dim),
  });
  return assemble({
    id,
    options,
    numFeatures: dim,
    dropPaths: rates,
    layers: transformerLayers(depth),
    ...tokenEncoder({ embed, blocks, norm: layerNorm(average ? 'fc_norm' : 'norm', dim), average }),
    head: headOf('head', { width: dim, classes: options.num_classes, weight, bias: zeros }),
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'vit',
      task: 'classify',
      size: variant.size,
      sizes: { kind: 'patches', step: variant.patch, min: variant.patch },
      timm: variant.timm,
      timmArgs: variant.timm
        ? { name: variant.timm, kwargs: {} }
        : { name: 'deit_tiny_patch16_224', kwargs: timmDimensions(variant) },
      timmArgsAt: (size) => ({ img_size: size }),
      ...IMAGENET,
      cropPct: variant.cropPct,
      // Wang et al., TPAMI 2024, supplementary: DeiT-S 0.1 at 200 epochs, clipping at 5, warm-up over 20 % of the
      // schedule.
      preset: 'efficienttrain++-deit',
      recipe: {
        'optimizer.clip_grad_norm': 5,
        'optimizer.warmup': { unit: 'fraction', value: 0.2 },
        ...(variant.timm ? { 'model_args.drop_path_rate': variant.dropPathRate } : MICRO_ATTENTION_RECIPE),
      },
    },
    (options) => create(variant, options),
  ),
);
