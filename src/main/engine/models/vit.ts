/**
 * Vision transformer (Dosovitskiy et al., ICLR 2021) as DeiT trains it without distillation (Touvron et al., ICML 2021), in
 * timm's form: class token, learned position embedding, pre-norm blocks. Position embeddings are stored for the run's final grid
 * and resampled for the grid of every stage.
 */
import { dropColumns, linearRates } from '../layers/drop-path';
import { positionEmbedding } from '../layers/position-embedding';
import type { Encoded, Model, ModelEntry, ModelOptions, Tensor } from '../types';
import { entryOf } from './entry';
import { normal, zeros } from './initializers';
import { MICRO_RECIPE } from './micro-recipe';
import { assemble } from './modules/assemble';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { passOf, sequence, type Module, type Pass } from './modules/module';
import { plain } from './modules/params';
import { patchGrid } from './modules/patch-grid';
import { lengthOf, patchEmbed, transformerBlock } from './modules/transformer-block';

interface Variant {
  id: string;
  timm: string | null;
  patch: number;
  dim: number;
  depth: number;
  heads: number;
  size: number;
  cropPct: number;
  dropPathRate: number;
}

const VARIANTS: readonly Variant[] = [
  {
    id: 'deit_tiny_patch16_224',
    timm: 'deit_tiny_patch16_224',
    patch: 16,
    dim: 192,
    depth: 12,
    heads: 3,
    size: 224,
    cropPct: 0.9,
    dropPathRate: 0.1,
  },
  {
    id: 'deit_small_patch16_224',
    timm: 'deit_small_patch16_224',
    patch: 16,
    dim: 384,
    depth: 12,
    heads: 6,
    size: 224,
    cropPct: 0.9,
    dropPathRate: 0.1,
  },
  { id: 'deit_micro', timm: null, patch: 4, dim: 64, depth: 4, heads: 2, size: 32, cropPct: 1, dropPathRate: 0 },
];

/** The class token, the patches and their positions: [N, S, S, 3] -> flat tokens [N * (1 + L), dim]. `side` is the stored grid's. */
function embedding({ patch, dim }: Variant, side: number): Module {
  const patches = patchEmbed('patch_embed.proj', patch, dim);
  return {
    params: [
      plain('cls_token', [1, 1, dim], normal(1e-6)),
      plain('pos_embed', [1, side * side + 1, dim], normal(0.02)),
      ...patches.params,
    ],
    shape: (input) => [1 + (patches.shape(input)[0] as number), dim],
    macs: patches.macs,
    apply: (pass, x) => {
      const { context, batch, param } = pass;
      const { tf } = context;
      const tokens = patches.apply(pass, x);
      const first = tf.tile(param('cls_token'), [batch, 1, 1]);
      const whole = tf.concat([first, tokens], 1);
      const positions = positionEmbedding(context, param('pos_embed'), side, (x.shape[1] as number) / patch);
      const placed: Tensor = tf.add(whole, positions);
      return tf.reshape(placed, [placed.size / dim, dim]);
    },
  };
}

/** The class token of flat tokens: [N * (1 + L), dim] -> [N, dim]. */
function classToken(pass: Pass, x: Tensor): Tensor {
  const { tf } = pass.context;
  const dim = x.shape[1] as number;
  const rows = tf.reshape(x, [pass.batch, lengthOf(pass, x), dim]);
  return tf.reshape(tf.slice(rows, [0, 0, 0], [pass.batch, 1, dim]), [pass.batch, dim]);
}

/** Mean of the patches' tokens, without the class token: [N * (1 + L), dim] -> [N, dim]. */
function meanOfPatches(pass: Pass, x: Tensor): Tensor {
  const { tf } = pass.context;
  const [length, dim] = [lengthOf(pass, x), x.shape[1] as number];
  return tf.mean(tf.slice(tf.reshape(x, [pass.batch, length, dim]), [0, 1, 0], [pass.batch, length - 1, dim]), 1);
}

/**
 * What leaves the last block -> features [N, dim] and the tokens asked for. With `global_pool: 'token'` the norm comes before
 * pooling, with 'avg' after it (timm's fc_norm), and tokens are then not normalised.
 */
function pooled(pass: Pass, x: Tensor, norm: Module, average: boolean, wanted: readonly string[]): Encoded {
  const { tf } = pass.context;
  const whole = wanted.some((name) => ['tokens', 'cls', 'mean'].includes(name));
  // Where nothing else is asked for, only the class token is normalised.
  if (!average && !whole) return { features: norm.apply(pass, classToken(pass, x)), intermediates: {} };
  const tokens = average ? x : norm.apply(pass, x);
  const features = average ? norm.apply(pass, meanOfPatches(pass, x)) : classToken(pass, tokens);
  const found: Record<string, () => Tensor> = {
    tokens: () => tf.reshape(tokens, [pass.batch, lengthOf(pass, x), x.shape[1] as number]),
    cls: () => classToken(pass, tokens),
    mean: () => (average ? features : meanOfPatches(pass, tokens)),
  };
  const intermediates = Object.entries(found).filter(([name]) => wanted.includes(name));
  return { features, intermediates: Object.fromEntries(intermediates.map(([name, value]) => [name, value()])) };
}

/** As timm's: the norm of all tokens belongs to the last block, `fc_norm` to the head. */
function layersOf({ depth }: Variant): string[][] {
  const blocks = Array.from({ length: depth }, (_, block) => [`blocks.${block}`, ...(block === depth - 1 ? ['norm'] : [])]);
  return [['cls_token', 'pos_embed', 'patch_embed'], ...blocks];
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, patch, dim, depth, heads } = variant;
  const average = options.global_pool === 'avg';
  const weight = normal(0.02);
  // timm drops both branches of a block with the block's rate, each by a draw of its own.
  const { rates, columns } = dropColumns(linearRates(options.drop_path_rate, depth).flatMap((rate) => [rate, rate]));
  const embed = embedding(variant, patchGrid(id, options.img_size, patch));
  const blocks = Array.from({ length: depth }, (_, index) =>
    transformerBlock(`blocks.${index}`, {
      dim,
      heads,
      weight,
      columns: [columns[2 * index] ?? null, columns[2 * index + 1] ?? null],
    }),
  );
  const norm = layerNorm(average ? 'fc_norm' : 'norm', dim);
  const trunk = sequence([embed, ...blocks]);
  return assemble({
    id,
    options,
    numFeatures: dim,
    dropPaths: rates,
    layers: layersOf(variant),
    params: [...trunk.params, ...norm.params],
    macs: (size) => trunk.macs([size, size, 3]),
    head: headOf('head', { width: dim, classes: options.num_classes, weight, bias: zeros }),
    intermediates: [...blocks.map((_, index) => `blocks.${index}`), 'tokens', 'cls', 'mean'],
    encode: (context, x, { intermediates: wanted = [], ...rest }) => {
      const pass = passOf(context, x, rest);
      let tokens = embed.apply(pass, x);
      const between: Record<string, Tensor> = {};
      blocks.forEach((block, index) => {
        tokens = block.apply(pass, tokens);
        const name = `blocks.${index}`;
        if (wanted.includes(name)) between[name] = context.tf.reshape(tokens, [pass.batch, lengthOf(pass, tokens), dim]);
      });
      const { features, intermediates } = pooled(pass, tokens, norm, average, wanted);
      return { features, intermediates: { ...between, ...intermediates } };
    },
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'vit',
      size: variant.size,
      multiple: variant.patch,
      minSize: variant.patch,
      timm: variant.timm,
      timmArgs: variant.timm
        ? { name: variant.timm, kwargs: {} }
        : {
            name: 'deit_tiny_patch16_224',
            kwargs: { patch_size: variant.patch, embed_dim: variant.dim, depth: variant.depth, num_heads: variant.heads },
          },
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      cropPct: variant.cropPct,
      interpolation: 'bicubic',
      // Wang et al., TPAMI 2024, supplementary: DeiT-S 0.1 at 200 epochs, clipping at 5, warm-up over 20 % of the schedule.
      preset: 'efficienttrain++-deit',
      recipe: {
        'optimizer.clip_grad_norm': 5,
        'optimizer.warmup': { unit: 'fraction', value: 0.2 },
        ...(variant.timm ? { 'model_args.drop_path_rate': variant.dropPathRate } : MICRO_RECIPE),
      },
    },
    (options) => create(variant, options),
  ),
);
