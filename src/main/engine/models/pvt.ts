/**
 * Pyramid Vision Transformer (Wang et al., ICCV 2021) in its authors' form and names (timm has only the second
 * version): four stages of patches, attention with spatial reduction, learned positions in every stage, and a class
 * token in the last one. Position embeddings are stored for the run's final grids and resampled for those of every
 * stage.
 */
import type { Model, ModelEntry, ModelOptions, ParamSpec, Tensor } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, uniformFanIn, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { PVT_RECIPE } from './pvt-recipe';
import { assemble } from './modules/assemble';
import { conv } from './modules/conv';
import { branchDrops, type BranchColumns } from './modules/drop-columns';
import { gridPositions } from './modules/grid-positions';
import { headOf } from './modules/head';
import { layerNorm } from './modules/layer-norm';
import { passOf, sequence, type Module, type Pass } from './modules/module';
import { plain } from './modules/params';
import { pyramidBlock } from './modules/pyramid-block';
import { onRows } from './modules/rows';
import { patchTokens, pooled } from './modules/token-encoder';

interface Variant {
  id: string;
  depths: readonly number[];
  dims: readonly number[];
  heads: readonly number[];
  /** Side of the patches into which each stage cuts its input. */
  patches: readonly number[];
  mlpRatios: readonly number[];
  reductions: readonly number[];
  /** Sizes are multiples of this, which leave no remainder in any stage. */
  multiple: number;
  size: number;
  cropPct: number;
  recipe: Record<string, unknown>;
}

/**
 * Drop path, clipping, warm-up and the last learning rate are PVT's authors' (github.com/whai362/PVT,
 * classification/main.py and configs/pvt), whose learning rate, 5e-4 at a batch of 512, is that of EfficientTrain++
 * too. Their repeated augmentation is left out: each epoch has every image once. How the authors of EfficientTrain++
 * trained these models is not published.
 */
const published = (id: string, depths: readonly number[], dropPathRate: number, clip: number | null): Variant => ({
  ...{ id, depths, dims: [64, 128, 320, 512], heads: [1, 2, 5, 8], patches: [4, 2, 2, 2], mlpRatios: [8, 8, 4, 4] },
  ...{ reductions: [8, 4, 2, 1], multiple: 32, size: 224, cropPct: 0.875 },
  recipe: { ...PVT_RECIPE, 'model_args.drop_path_rate': dropPathRate, 'optimizer.clip_grad_norm': clip },
});

const VARIANTS: readonly Variant[] = [
  published('pvt_tiny', [2, 2, 2, 2], 0.1, null),
  published('pvt_small', [3, 4, 6, 3], 0.1, null),
  published('pvt_medium', [3, 4, 18, 3], 0.3, 1),
  published('pvt_large', [3, 8, 27, 3], 0.3, 1),
  // Smaller patches leave images of 32 px maps of 16, 8, 4 and 4 tokens a side.
  {
    ...{ id: 'pvt_micro', depths: [1, 1, 2, 1], dims: [32, 64, 96, 128], heads: [1, 2, 3, 4], patches: [2, 2, 2, 1] },
    ...{
      mlpRatios: [4, 4, 4, 4],
      reductions: [4, 2, 1, 1],
      multiple: 8,
      size: 32,
      cropPct: 1,
      recipe: MICRO_ATTENTION_RECIPE,
    },
  },
];

const WEIGHT = normal(0.02);
/** PyTorch's default, which the patches' norm uses. */
const EPSILON = 1e-5;

interface Stage {
  /** Map -> map of patches, normalised. */
  embed: Module;
  positions: { param: ParamSpec; added: Module };
  /** Flat tokens -> flat tokens. */
  blocks: Module;
}

/** Makes a convolution of patches. Its initial values are PyTorch's default, as in the authors' code. */
function convolution(
  patch: number,
  width: number,
): { weight: ReturnType<typeof uniformFanIn>; bias: ReturnType<typeof uniformFanIn> } {
  const init = uniformFanIn(patch * patch * width);
  return { weight: init, bias: init };
}

function stagesOf(variant: Variant, size: number, columns: readonly BranchColumns[][]): Stage[] {
  const { dims, heads, patches, mlpRatios, reductions } = variant;
  let [side, width] = [size, 3];
  return columns.map((ofStage, at): Stage => {
    const [dim, patch, reduction] = [dims[at], patches[at], reductions[at]] as [number, number, number];
    const [name, last] = [`patch_embed${at + 1}`, at === columns.length - 1];
    const window = { kernel: patch, stride: patch, padding: 0, width, out: dim };
    side = Math.floor(side / patch);
    const blocks = ofStage.map((own, block) =>
      pyramidBlock(`block${at + 1}.${block}`, {
        ...{ dim, heads: heads[at] as number, reduction, hidden: dim * (mlpRatios[at] as number), weight: WEIGHT },
        conv: convolution(reduction, dim),
        columns: own,
      }),
    );
    const embed = [
      conv(`${name}.proj`, { ...window, ...convolution(patch, width) }),
      onRows(layerNorm(`${name}.norm`, dim, EPSILON)),
    ];
    width = dim;
    return {
      embed: sequence(embed),
      positions: gridPositions(`pos_embed${at + 1}`, { side, dim, classToken: last }),
      blocks: sequence(blocks),
    };
  });
}

/**
 * Returns the layers for layer decay. The authors define none; here the patches and positions of a stage belong to its
 * first block, and those of the first stage are the stem.
 */
function layersOf(depths: readonly number[]): string[][] {
  const blocks = depths.flatMap((depth, at) =>
    Array.from({ length: depth }, (_, block) => [
      ...(at > 0 && block === 0 ? [`patch_embed${at + 1}`, `pos_embed${at + 1}`] : []),
      ...(at === depths.length - 1 && block === 0 ? ['cls_token'] : []),
      `block${at + 1}.${block}`,
      ...(at === depths.length - 1 && block === depth - 1 ? ['norm'] : []),
    ]),
  );
  return [['patch_embed1', 'pos_embed1'], ...blocks];
}

/** Adds the class token: map [N, H, W, dim] -> flat tokens [N * (1 + H * W), dim], the class token first. */
function withClassToken(pass: Pass, map: Tensor, token: string): Tensor {
  const { tf } = pass.context;
  const [batch, height, width, dim] = map.shape as [number, number, number, number];
  const tokens = tf.concat(
    [tf.tile(pass.param(token), [batch, 1, 1]), tf.reshape(map, [batch, height * width, dim])],
    1,
  );
  return tf.reshape(tokens, [batch * (1 + height * width), dim]);
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, depths, dims } = variant;
  const dim = dims.at(-1) as number;
  const { rates, columns } = branchDrops(options.drop_path_rate, depths);
  const stages = stagesOf(variant, options.img_size, columns);
  const last = stages.at(-1) as Stage;
  // Map -> map.
  const trunk = stages
    .slice(0, -1)
    .map(({ embed, positions, blocks }) => sequence([embed, onRows(sequence([positions.added, blocks]))]));
  const classToken = plain('cls_token', [1, 1, dim], WEIGHT);
  const norm = layerNorm('norm', dim);
  const names = stages.map((_, at) => `block${at + 1}`);
  return assemble({
    id,
    options,
    numFeatures: dim,
    dropPaths: rates,
    layers: layersOf(depths),
    params: [
      ...stages.map(({ positions }) => positions.param),
      classToken,
      ...stages.flatMap(({ embed, blocks }) => [...embed.params, ...blocks.params]),
      ...norm.params,
    ],
    macs: (size) => {
      const before = sequence([...trunk, last.embed]);
      const [height, width] = before.shape([size, size, 3]) as [number, number];
      return before.macs([size, size, 3]) + last.blocks.macs([1 + height * width, dim]);
    },
    intermediates: [...names, 'tokens', 'cls', 'mean'],
    encode: (context, x, { intermediates: wanted = [], ...passOptions }) => {
      const pass = passOf(context, x, passOptions);
      const maps: Record<string, Tensor> = {};
      let map = x;
      trunk.forEach((stage, at) => {
        map = stage.apply(pass, map);
        maps[names[at] as string] = map;
      });
      map = last.embed.apply(pass, map);
      const placed = last.positions.added.apply(pass, withClassToken(pass, map, classToken.name));
      const tokens = last.blocks.apply(pass, placed);
      const lastName = names.at(-1) as string;
      if (wanted.includes(lastName)) maps[lastName] = context.tf.reshape(patchTokens(pass, tokens), map.shape);
      const { features, intermediates } = pooled(pass, tokens, norm, false, wanted);
      const asked = Object.entries(maps).filter(([name]) => wanted.includes(name));
      return { features, intermediates: { ...Object.fromEntries(asked), ...intermediates } };
    },
    head: headOf('head', { width: dim, classes: options.num_classes, weight: WEIGHT, bias: zeros }),
  });
}

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'pvt',
      task: 'classify',
      size: variant.size,
      sizes: { kind: 'strides', step: variant.multiple, min: variant.multiple },
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
