/**
 * Vision transformer (Dosovitskiy et al., ICLR 2021) as DeiT trains it without distillation (Touvron et al., ICML 2021), in
 * timm's form: class token, learned position embedding, pre-norm blocks. Position embeddings are stored for the run's final grid
 * and resampled for every stage's.
 */
import { AppError } from '../../../shared/errors';
import { attention } from '../layers/attention';
import { dropColumns, dropPath, linearRates } from '../layers/drop-path';
import { gelu } from '../layers/gelu';
import { layerNorm } from '../layers/layer-norm';
import { linear } from '../layers/linear';
import { patchEmbed } from '../layers/patch-embed';
import { positionEmbedding } from '../layers/position-embedding';
import type { Context, ForwardOptions, Model, ModelEntry, ModelOptions, Tensor } from '../types';
import { normal, uniformFanIn, zeros } from './initializers';
import { MICRO_RECIPE } from './micro-recipe';
import { countParameters, ParamList } from './param-list';

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

const MLP_RATIO = 4;

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

function paramsOf({ patch, dim, depth }: Variant, tokens: number, numClasses: number): ParamList {
  const params = new ParamList();
  const weight = normal(0.02);
  const fanIn = patch * patch * 3;
  params.plain('cls_token', [1, 1, dim], normal(1e-6));
  params.plain('pos_embed', [1, tokens + 1, dim], weight);
  params.add('patch_embed.proj.weight', 'patch', [fanIn, dim], [dim, 3, patch, patch], uniformFanIn(fanIn));
  params.plain('patch_embed.proj.bias', [dim], uniformFanIn(fanIn));
  for (let block = 0; block < depth; block++) {
    const name = `blocks.${block}`;
    params.layerNorm(`${name}.norm1`, dim);
    params.linear(`${name}.attn.qkv`, dim, 3 * dim, weight, zeros);
    params.linear(`${name}.attn.proj`, dim, dim, weight, zeros);
    params.layerNorm(`${name}.norm2`, dim);
    params.linear(`${name}.mlp.fc1`, dim, MLP_RATIO * dim, weight, zeros);
    params.linear(`${name}.mlp.fc2`, MLP_RATIO * dim, dim, weight, zeros);
  }
  params.layerNorm('norm', dim);
  params.linear('head', dim, numClasses, weight, zeros);
  return params;
}

function create(variant: Variant, options: ModelOptions): Model {
  const { patch, dim, depth, heads } = variant;
  const storedSide = options.img_size / patch;
  if (!Number.isInteger(storedSide) || storedSide < 1) {
    const nearest = Math.max(Math.round(storedSide), 1) * patch;
    throw new AppError({
      code: 'invalid_config',
      what: `${variant.id} can't take images of ${options.img_size} px.`,
      why: `It cuts them into patches of ${patch} px, so the size has to be a multiple of that.`,
      next: `Choose a size of ${nearest} px.`,
    });
  }
  // timm drops both branches of a block with the block's rate, each by a draw of its own.
  const { rates, columns } = dropColumns(linearRates(options.drop_path_rate, depth).flatMap((rate) => [rate, rate]));

  function forward(context: Context, x: Tensor, { training, keep, dropout, param = context.variable }: ForwardOptions): Tensor {
    const { tf } = context;
    const [batch, size] = x.shape as [number, number];
    const side = size / patch;
    const length = side * side + 1;
    const dense = (h: Tensor, name: string): Tensor => linear(context, h, param(`${name}.weight`), param(`${name}.bias`));
    const norm = (h: Tensor, name: string): Tensor => layerNorm(context, h, param(`${name}.weight`), param(`${name}.bias`));
    const dropped = (h: Tensor, branch: number): Tensor => {
      const column = columns[branch] ?? null;
      if (!keep || column === null) return h;
      return tf.reshape(dropPath(context, tf.reshape(h, [batch, length * dim]), keep, column), [batch * length, dim]);
    };
    const patches = patchEmbed(context, x, patch, param('patch_embed.proj.weight'), param('patch_embed.proj.bias'));
    const first = tf.tile(param('cls_token'), [batch, 1, 1]);
    let h: Tensor = tf.reshape(
      tf.add(tf.concat([first, patches], 1), positionEmbedding(context, param('pos_embed'), storedSide, side)),
      [batch * length, dim],
    );
    for (let block = 0; block < depth; block++) {
      const name = `blocks.${block}`;
      h = tf.add(
        h,
        dropped(attention(context, norm(h, `${name}.norm1`), { heads, batch, length, name: `${name}.attn`, param }), 2 * block),
      );
      const hidden = gelu(context, dense(norm(h, `${name}.norm2`), `${name}.mlp.fc1`));
      h = tf.add(h, dropped(dense(hidden, `${name}.mlp.fc2`), 2 * block + 1));
    }
    // Only the class token is classified, so only it is normalised.
    const token: Tensor = tf.reshape(tf.slice(tf.reshape(h, [batch, length, dim]), [0, 0, 0], [batch, 1, dim]), [batch, dim]);
    const features = norm(token, 'norm');
    return dense(training && dropout ? tf.mul(features, dropout) : features, 'head');
  }

  return {
    id: variant.id,
    options,
    params: paramsOf(variant, storedSide * storedSide, options.num_classes).specs,
    numFeatures: dim,
    dropPaths: rates,
    forward,
  };
}

/** Multiply-adds of the matrix products, attention's included, as fvcore counts them. */
function macs({ patch, dim, depth }: Variant, size: number): number {
  const patches = (size / patch) ** 2;
  const length = patches + 1;
  const block = length * dim * dim * (4 + 2 * MLP_RATIO) + 2 * length * length * dim;
  return patches * patch * patch * 3 * dim + depth * block + dim * 1000;
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) => ({
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
  create: (options) => create(variant, options),
  parameters: (numClasses) =>
    countParameters(create(variant, { num_classes: numClasses, img_size: variant.size, drop_path_rate: 0, drop_rate: 0 }).params),
  macs: (size) => macs(variant, size),
}));
