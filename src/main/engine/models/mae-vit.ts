/**
 * Masked autoencoder (He et al., CVPR 2022) on vision transformers, in its authors' names: an encoder that sees the
 * visible patches only, and a narrower decoder that predicts every patch. Positions are fixed sines and cosines. The
 * encoder is timm's `vit_*` with the norm of its class token.
 */
import { AppError } from '../../../shared/errors';
import { gatherTokens } from '../layers/gather-tokens';
import { linear as product } from '../layers/linear';
import { patchRows } from '../layers/patch-embed';
import { restoreTokens } from '../layers/restore-tokens';
import type { MaeModelOptions, MaskedAutoencoder, ModelEntry, ModelOptions, Tensor } from '../types';
import { visiblePatches } from '../../../shared/visible-patches';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, uniformFanIn, xavierUniform, zeros } from './initializers';
import { MAE_MICRO_RECIPE, MAE_RECIPE } from './mae-recipe';
import { assemble } from './modules/assemble';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { linear } from './modules/linear';
import { passOf, sequence, type Module, type Pass } from './modules/module';
import { plain } from './modules/params';
import { fixedPositions, type Positions } from './modules/positions';
import { tokenEmbedding } from './modules/token-embedding';
import { byImage, patchTokens, tokenEncoder } from './modules/token-encoder';
import { patchEmbed, transformerBlock, transformerLayers } from './modules/transformer-block';
import { timmDimensions, VIT, type VitDimensions } from './vit-dimensions';

interface Variant extends VitDimensions {
  id: string;
  /** Name by which timm builds the encoder. */
  timm: string | null;
  decoder: Pick<MaeModelOptions, 'decoder_embed_dim' | 'decoder_depth' | 'decoder_num_heads'>;
}

const DECODER = { decoder_embed_dim: 512, decoder_depth: 8, decoder_num_heads: 16 };

const VARIANTS: readonly Variant[] = [
  {
    ...VIT.micro,
    id: 'mae_vit_micro_patch4',
    timm: null,
    decoder: { decoder_embed_dim: 32, decoder_depth: 2, decoder_num_heads: 2 },
  },
  { ...VIT.small, id: 'mae_vit_small_patch16', timm: 'vit_small_patch16_224', decoder: DECODER },
  { ...VIT.base, id: 'mae_vit_base_patch16', timm: 'vit_base_patch16_224', decoder: DECODER },
  { ...VIT.large, id: 'mae_vit_large_patch16', timm: 'vit_large_patch16_224', decoder: DECODER },
  { ...VIT.huge, id: 'mae_vit_huge_patch14', timm: 'vit_huge_patch14_224', decoder: DECODER },
];

/** The decoder, from the encoder's latent to a prediction for every patch. */
interface Decoder {
  /** [N * (1 + K), dim] -> [N * (1 + K), width] */
  embed: Module;
  /** Blocks on flat tokens [N * (1 + L), width]. */
  blocks: Module;
  /** Norm and prediction of flat tokens. */
  predict: Module;
  positions: Positions;
  /** Parameters in the order of the authors' state_dict. */
  params: Module['params'];
}

const MASK_TOKEN = 'mask_token';

function settingsOf({ patch, decoder }: Variant, { mae = {} }: ModelOptions): MaeModelOptions {
  return { ...decoder, target_dim: patch * patch * 3, positions: 'recount', mask_ratio: 0.75, ...mae };
}

/** Checks the decoder's width and heads. @throws AppError invalid_config */
function check(
  { id }: Variant,
  { num_classes }: ModelOptions,
  { decoder_embed_dim: dim, decoder_num_heads: heads }: MaeModelOptions,
): void {
  if (num_classes > 0)
    throw new AppError({
      code: 'invalid_config',
      what: `${id} can't be trained to classify.`,
      why: 'A masked autoencoder predicts patches and has no classifier.',
      next: 'Pre-train it with the task mae, or choose a model that classifies.',
    });
  if (dim % 4 !== 0 || dim % heads !== 0)
    throw new AppError({
      code: 'invalid_config',
      what: `The decoder of ${id} can't be ${dim} wide with ${heads} heads.`,
      why: 'Its width is shared out to the heads, and to sines and cosines of columns and rows.',
      next: 'Choose a mae.decoder_embed_dim that is a multiple of 4 and of mae.decoder_num_heads.',
    });
}

/** Makes the blocks of an encoder or a decoder, with all weights drawn by Glorot's rule. */
const blocksOf = (name: string, depth: number, dim: number, heads: number): Module[] =>
  Array.from({ length: depth }, (_, index) =>
    transformerBlock(`${name}.${index}`, { dim, heads, weight: xavierUniform }),
  );

function decoderOf({ dim }: Variant, side: number, settings: MaeModelOptions): Decoder {
  const { decoder_embed_dim: width, decoder_depth, decoder_num_heads, target_dim: out } = settings;
  const embed = linear('decoder_embed', { width: dim, out: width, weight: xavierUniform(dim, width), bias: zeros });
  const positions = fixedPositions('decoder_pos_embed', side, width, settings.positions);
  const blocks = sequence(blocksOf('decoder_blocks', decoder_depth, width, decoder_num_heads));
  const predict = sequence([
    layerNorm('decoder_norm', width),
    linear('decoder_pred', { width, out, weight: xavierUniform(width, out), bias: zeros }),
  ]);
  const maskToken = plain(MASK_TOKEN, [1, 1, width], normal(0.02), { decay: true });
  const params = [...embed.params, maskToken, ...positions.params, ...blocks.params, ...predict.params];
  return { embed, blocks, predict, positions, params };
}

/** Flattens tokens by image: [N, L, dim] -> [N * L, dim]. */
function flat({ context }: Pass, x: Tensor): Tensor {
  const [batch, length, dim] = x.shape as [number, number, number];
  return context.tf.reshape(x, [batch * length, dim]);
}

function create(variant: Variant, options: ModelOptions): MaskedAutoencoder {
  const { id, patch, dim, depth, heads } = variant;
  const settings = settingsOf(variant, options);
  check(variant, options, settings);
  const side = options.img_size / patch;
  const fanIn = patch * patch * 3;
  const proj = 'patch_embed.proj';
  // The authors draw the convolution's weight as a linear layer's and leave its bias at PyTorch's default.
  const patches = patchEmbed(proj, patch, dim, { weight: xavierUniform(fanIn, dim), bias: uniformFanIn(fanIn) });
  const classToken = plain('cls_token', [1, 1, dim], normal(0.02), { decay: true });
  const positions = fixedPositions('pos_embed', side, dim, settings.positions);
  const blocks = blocksOf('blocks', depth, dim, heads);
  const norm = layerNorm('norm', dim);
  const encoder = tokenEncoder({ embed: tokenEmbedding({ patches, patch, dim, classToken, positions }), blocks, norm });
  const decoder = decoderOf(variant, side, settings);

  /** Embeds visible patches only, because a patch's embedding and position depend on nothing else. */
  function embedVisible(pass: Pass, x: Tensor, idsKeep: Tensor): Tensor {
    const { context, param, batch } = pass;
    const { tf } = context;
    const grid = (x.shape[1] as number) / patch;
    const [, kept] = idsKeep.shape as [number, number];
    const cut = tf.reshape(patchRows(context, x, patch), [batch, grid * grid, fanIn]);
    const rows = tf.reshape(gatherTokens(context, cut, idsKeep), [batch * kept, fanIn]);
    const tokens = product(context, rows, param(`${proj}.weight`), param(`${proj}.bias`));
    const table = tf.reshape(positions.at(pass, grid), [1 + grid * grid, dim]);
    const places = gatherTokens(context, tf.slice(table, [1, 0], [grid * grid, dim]), idsKeep);
    const placed = tf.add(tf.reshape(tokens, [batch, kept, dim]), places);
    const first = tf.add(param(classToken.name), tf.reshape(tf.slice(table, [0, 0], [1, dim]), [1, 1, dim]));
    return flat(pass, tf.concat([tf.tile(first, [batch, 1, 1]), placed], 1));
  }

  return {
    ...assemble({
      id,
      options,
      numFeatures: dim,
      dropPaths: [],
      layers: transformerLayers(depth),
      ...encoder,
      params: [...encoder.params, ...decoder.params],
      macs: (size) => {
        const [length] = patches.shape([size, size, 3]) as [number];
        const kept = visiblePatches(length, settings.mask_ratio);
        const width = settings.decoder_embed_dim;
        return (
          (patches.macs([size, size, 3]) * kept) / length +
          sequence(blocks).macs([1 + kept, dim]) +
          decoder.embed.macs([1 + kept, dim]) +
          decoder.blocks.macs([1 + length, width]) +
          decoder.predict.macs([length, width])
        );
      },
      head: headOf('head', { width: dim, classes: 0, weight: zeros, bias: zeros }),
    }),
    patch,
    targetDim: settings.target_dim,
    shape: {
      ...{ patch_size: patch, img_size: options.img_size, embed_dim: dim, depth, num_heads: heads, mlp_ratio: 4 },
      ...{ decoder_embed_dim: settings.decoder_embed_dim, decoder_depth: settings.decoder_depth },
      ...{ decoder_num_heads: settings.decoder_num_heads, mask_ratio: settings.mask_ratio },
    },
    encodeVisible: (context, x, idsKeep, passOptions) => {
      const pass = passOf(context, x, passOptions);
      return byImage(pass, sequence([...blocks, norm]).apply(pass, embedVisible(pass, x, idsKeep)));
    },
    decode: (context, latent, order, passOptions) => {
      const { tf } = context;
      const pass = passOf(context, latent, passOptions);
      const tokens = byImage(pass, decoder.embed.apply(pass, flat(pass, latent)));
      const grid = Math.sqrt(order.idsRestore.shape[1] as number);
      const whole = restoreTokens(context, tokens, pass.param(MASK_TOKEN), order);
      const mixed = decoder.blocks.apply(pass, flat(pass, tf.add(whole, decoder.positions.at(pass, grid))));
      const rows = decoder.predict.apply(pass, flat(pass, patchTokens(pass, mixed)));
      return byImage(pass, rows);
    },
  };
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'mae-vit',
      task: 'mae',
      size: variant.size,
      sizes: { kind: 'patches', step: variant.patch, min: 2 * variant.patch },
      own: Object.fromEntries(Object.entries(variant.decoder).map(([field, value]) => [`mae.${field}`, value])),
      timm: variant.timm,
      timmArgs: variant.timm
        ? { name: variant.timm, kwargs: { num_classes: 0 } }
        : { name: 'vit_tiny_patch16_224', kwargs: { ...timmDimensions(variant), num_classes: 0 } },
      timmArgsAt: (size) => ({ img_size: size }),
      ...IMAGENET,
      cropPct: variant.timm ? 0.875 : 1,
      preset: 'efficienttrain++',
      recipe: variant.timm ? MAE_RECIPE : MAE_MICRO_RECIPE,
    },
    (options) => create(variant, options),
  ),
);
