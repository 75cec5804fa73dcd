/**
 * Pyramid Vision Transformer v2 (Wang et al., CVMJ 2022) as timm builds it: patches that overlap, attention with
 * spatial reduction, and a depthwise convolution in each perceptron, which replaces position embeddings. Convolutions
 * ignore pixels that their last step does not reach; at multiples of 32 px, and only there, none is lost.
 */
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { kaimingFanOut, normal, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { PVT_RECIPE } from './pvt-recipe';
import { conv } from './modules/conv';
import { depthwise } from './modules/depthwise';
import { branchDrops, type BranchColumns } from './modules/drop-columns';
import { headOf } from './modules/head';
import { hierarchy } from './modules/hierarchy';
import { layerNorm } from './modules/layer-norm';
import { sequence, type Module } from './modules/module';
import { onMap } from './modules/on-map';
import { pyramidBlock } from './modules/pyramid-block';
import { onRows } from './modules/rows';

interface Variant {
  id: string;
  timm: string | null;
  depths: readonly number[];
  dims: readonly number[];
  heads: readonly number[];
  mlpRatios: readonly number[];
  reductions: readonly number[];
  /** Rate of stochastic depth at 200 equivalent epochs. */
  dropPathRate: number;
  clip: number | null;
}

const HEADS = [1, 2, 5, 8];
const DIMS = [64, 128, 320, 512];
const RATIOS = [8, 8, 4, 4];
const REDUCTIONS = [8, 4, 2, 1];

const published = (
  name: string,
  depths: readonly number[],
  dropPathRate: number,
  changes: Partial<Pick<Variant, 'dims' | 'mlpRatios'>> = {},
): Variant => ({
  ...{
    id: name,
    timm: name,
    depths,
    dims: DIMS,
    heads: HEADS,
    mlpRatios: RATIOS,
    reductions: REDUCTIONS,
    dropPathRate,
  },
  // The authors clip the gradients of those that they regularise more.
  clip: dropPathRate > 0.1 ? 1 : null,
  ...changes,
});

const VARIANTS: readonly Variant[] = [
  published('pvt_v2_b0', [2, 2, 2, 2], 0.1, { dims: [32, 64, 160, 256] }),
  published('pvt_v2_b1', [2, 2, 2, 2], 0.1),
  published('pvt_v2_b2', [3, 4, 6, 3], 0.1),
  published('pvt_v2_b3', [3, 4, 18, 3], 0.3),
  published('pvt_v2_b4', [3, 8, 27, 3], 0.3),
  published('pvt_v2_b5', [3, 6, 40, 3], 0.3, { mlpRatios: [4, 4, 4, 4] }),
  {
    ...{ id: 'pvt_v2_micro', timm: null, depths: [1, 1, 2, 1], dims: [32, 64, 96, 128], heads: [1, 2, 3, 4] },
    // Maps of images of 32 px have 8 x 8, 4 x 4, 2 x 2 and 1 pixels.
    ...{ mlpRatios: [4, 4, 4, 4], reductions: [2, 1, 1, 1], dropPathRate: 0, clip: null },
  },
];

const WEIGHT = normal(0.02);
/** PyTorch's default. */
const EPSILON = 1e-5;

/** Makes a convolution whose windows overlap, followed by its norm. */
const overlapping = (name: string, kernel: number, stride: number, width: number, out: number): Module =>
  conv(name, {
    kernel,
    stride,
    padding: (kernel - 1) / 2,
    width,
    out,
    weight: kaimingFanOut(kernel, out),
    bias: zeros,
  });

function stagesOf(variant: Variant, columns: readonly BranchColumns[][]): Record<string, Module> {
  const { dims, heads, mlpRatios, reductions } = variant;
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `stages.${stage}`;
      const [dim, reduction] = [dims[stage], reductions[stage]] as [number, number];
      const hidden = dim * (mlpRatios[stage] as number);
      const convolution = { weight: kaimingFanOut(reduction, dim), bias: zeros };
      const blocks = ofStage.map((own, at) => {
        const block = `${name}.blocks.${at}`;
        const between = depthwise(`${block}.mlp.dwconv`, {
          kernel: 3,
          width: hidden,
          weight: kaimingFanOut(3, 1),
          bias: zeros,
        });
        return pyramidBlock(block, {
          ...{ dim, heads: heads[stage] as number, reduction, hidden, weight: WEIGHT, conv: convolution },
          between: onMap(between),
          columns: own,
        });
      });
      const smaller = `${name}.downsample`;
      const embed =
        stage > 0
          ? [
              overlapping(`${smaller}.proj`, 3, 2, dims[stage - 1] as number, dim),
              onRows(layerNorm(`${smaller}.norm`, dim, EPSILON)),
            ]
          : [];
      return [name, sequence([...embed, onRows(sequence([...blocks, layerNorm(`${name}.norm`, dim)]))])];
    }),
  );
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, depths, dims } = variant;
  const [first, numFeatures] = [dims[0], dims.at(-1)] as [number, number];
  const { rates, columns } = branchDrops(options.drop_path_rate, depths);
  const stages = stagesOf(variant, columns);
  return hierarchy({
    id,
    options,
    stem: sequence([
      overlapping('patch_embed.proj', 7, 4, 3, first),
      onRows(layerNorm('patch_embed.norm', first, EPSILON)),
    ]),
    stages,
    numFeatures,
    head: headOf('head', { width: numFeatures, classes: options.num_classes, weight: WEIGHT, bias: zeros }),
    dropPaths: rates,
    // timm counts a whole stage as one layer.
    layers: [['patch_embed'], ...Object.keys(stages).map((name) => [name])],
  });
}

/** Returns timm's arguments for the micro variant. */
const argumentsOf = ({ depths, dims, heads, mlpRatios, reductions }: Variant): Record<string, unknown> => ({
  ...{ depths: [...depths], embed_dims: [...dims], num_heads: [...heads] },
  ...{ sr_ratios: [...reductions], mlp_ratios: [...mlpRatios] },
});

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'pvt-v2',
      task: 'classify',
      size: variant.timm ? 224 : 32,
      sizes: { kind: 'strides', step: variant.timm ? 32 : 8, min: variant.timm ? 32 : 16 },
      timm: variant.timm,
      timmArgs: variant.timm ? { name: variant.timm, kwargs: {} } : { name: 'pvt_v2_b0', kwargs: argumentsOf(variant) },
      ...IMAGENET,
      cropPct: variant.timm ? 0.9 : 1,
      preset: 'efficienttrain++',
      // Drop path and clipping, too, are PVT's authors' (configs/pvt_v2), whose learning rate, 5e-4 at a batch of 512,
      // is that of EfficientTrain++. Neither paper of EfficientTrain trains this version.
      recipe: variant.timm
        ? {
            ...PVT_RECIPE,
            'model_args.drop_path_rate': variant.dropPathRate,
            'optimizer.clip_grad_norm': variant.clip,
          }
        : MICRO_ATTENTION_RECIPE,
    },
    (options) => create(variant, options),
  ),
);
