/**
 * CAFormer (Yu et al., MetaFormer Baselines for Vision, TPAMI 2024) as timm builds it: two stages that mix pixels by
 * separable convolutions, two by attention, StarReLU throughout, and a classifier of one hidden layer. Nothing depends
 * on a position, so it takes any size.
 */
import { relu } from '../layers/relu';
import type { Model, ModelEntry, ModelOptions } from '../types';
import { entryOf } from './entry';
import { IMAGENET } from './imagenet';
import { normal, ones, zeros } from './initializers';
import { MICRO_ATTENTION_RECIPE } from './micro-recipe';
import { conv } from './modules/conv';
import { depthwise } from './modules/depthwise';
import { branchDrops, type BranchColumns } from './modules/drop-columns';
import { headOfTwo, headWith, type Head } from './modules/head';
import { hierarchy } from './modules/hierarchy';
import { layerNorm } from './modules/layer-norm';
import { linear } from './modules/linear';
import { elementwise, sequence, type Module } from './modules/module';
import { residual } from './modules/residual';
import { onRows } from './modules/rows';
import { scale } from './modules/scale';
import { selfAttention } from './modules/self-attention';
import { stageLayers } from './modules/stage-layers';
import { starRelu } from './modules/star-relu';

interface Window {
  kernel: number;
  stride: number;
  padding: number;
}

interface Variant {
  id: string;
  timm: string | null;
  depths: readonly number[];
  dims: readonly number[];
  stem: Window;
  /** Rate of stochastic depth at 200 equivalent epochs, and dropout before the classifier. */
  dropPathRate: number;
  dropRate: number;
}

const STEM: Window = { kernel: 7, stride: 4, padding: 2 };

const VARIANTS: readonly Variant[] = [
  ...[
    { id: 'caformer_s18', depths: [3, 3, 9, 3], dims: [64, 128, 320, 512], dropPathRate: 0.15, dropRate: 0 },
    { id: 'caformer_s36', depths: [3, 12, 18, 3], dims: [64, 128, 320, 512], dropPathRate: 0.3, dropRate: 0.4 },
    { id: 'caformer_m36', depths: [3, 12, 18, 3], dims: [96, 192, 384, 576], dropPathRate: 0.4, dropRate: 0.4 },
    { id: 'caformer_b36', depths: [3, 12, 18, 3], dims: [128, 256, 512, 768], dropPathRate: 0.6, dropRate: 0.5 },
  ].map((variant) => ({ ...variant, timm: variant.id, stem: STEM })),
  // Its stem halves images of 32 px once, so the four stages have maps of 16, 8, 4 and 2. timm can't build it.
  {
    id: 'caformer_micro',
    timm: null,
    depths: [1, 1, 2, 1],
    dims: [32, 64, 128, 256],
    stem: { kernel: 3, stride: 2, padding: 1 },
    dropPathRate: 0,
    dropRate: 0,
  },
];

/** From this stage on, stages mix by attention and scale their shortcut. */
const FIRST_OF_ATTENTION = 2;
const HEAD_DIM = 32;
const [KERNEL, EXPANSION, MLP_RATIO] = [7, 2, 4];
const WEIGHT = normal(0.02);

const norm = (name: string, width: number): Module => layerNorm(name, width, 1e-6, false);

/** Makes the perceptron of a block. @param asConv whether timm stores its linear layers as convolutions of 1 x 1 */
const perceptron = (name: string, width: number, asConv: boolean): Module =>
  sequence([
    linear(`${name}.fc1`, { width, out: MLP_RATIO * width, weight: WEIGHT, bias: null, conv: asConv }),
    starRelu(`${name}.act`),
    linear(`${name}.fc2`, { width: MLP_RATIO * width, out: width, weight: WEIGHT, bias: null, conv: asConv }),
  ]);

/** Makes a separable convolution in an inverted bottleneck: map [N, H, W, width] -> the same shape. */
function separable(name: string, width: number): Module {
  const inner = EXPANSION * width;
  return sequence([
    onRows(linear(`${name}.pwconv1`, { width, out: inner, weight: WEIGHT, bias: null, conv: true })),
    onRows(starRelu(`${name}.act1`)),
    depthwise(`${name}.dwconv`, { kernel: KERNEL, width: inner, weight: WEIGHT, bias: null }),
    onRows(linear(`${name}.pwconv2`, { width: inner, out: width, weight: WEIGHT, bias: null, conv: true })),
  ]);
}

const convBlock = (name: string, width: number, [mixer, mlp]: BranchColumns): Module =>
  sequence([
    residual(sequence([onRows(norm(`${name}.norm1`, width)), separable(`${name}.token_mixer`, width)]), mixer),
    residual(onRows(sequence([norm(`${name}.norm2`, width), perceptron(`${name}.mlp`, width, true)])), mlp),
  ]);

/** Makes a block of attention on flat tokens. */
function attentionBlock(name: string, width: number, [mixer, mlp]: BranchColumns): Module {
  const attention = selfAttention(`${name}.token_mixer`, {
    ...{ dim: width, heads: width / HEAD_DIM, weight: () => WEIGHT, bias: false },
  });
  return sequence([
    residual(
      sequence([norm(`${name}.norm1`, width), attention]),
      mixer,
      scale(`${name}.res_scale1.scale`, width, ones),
    ),
    residual(
      sequence([norm(`${name}.norm2`, width), perceptron(`${name}.mlp`, width, false)]),
      mlp,
      scale(`${name}.res_scale2.scale`, width, ones),
    ),
  ]);
}

const downsample = (name: string, width: number, out: number): Module =>
  sequence([
    onRows(norm(`${name}.norm`, width)),
    conv(`${name}.conv`, { kernel: 3, stride: 2, padding: 1, width, out, weight: WEIGHT, bias: zeros }),
  ]);

function stagesOf({ dims }: Variant, columns: readonly BranchColumns[][]): Record<string, Module> {
  return Object.fromEntries(
    columns.map((ofStage, stage): [string, Module] => {
      const name = `stages.${stage}`;
      const width = dims[stage] as number;
      const attention = stage >= FIRST_OF_ATTENTION;
      const block = attention ? attentionBlock : convBlock;
      const blocks = ofStage.map((own, at) => block(`${name}.blocks.${at}`, width, own));
      const body = attention ? [onRows(sequence(blocks))] : blocks;
      return [
        name,
        sequence(stage > 0 ? [downsample(`${name}.downsample`, dims[stage - 1] as number, width), ...body] : body),
      ];
    }),
  );
}

/**
 * Makes the classifier: features -> logits through one hidden layer. Dropout acts before the last layer, as in the
 * authors' code (sail-sg/metaformer); timm's drop_rate acts on the features.
 */
function classifier(width: number, classes: number): Head {
  if (classes === 0) return headWith(null, width);
  const out = MLP_RATIO * width;
  const hidden = sequence([
    linear('head.fc.fc1', { width, out, weight: WEIGHT, bias: zeros }),
    elementwise((context, x) => context.tf.square(relu(context, x))),
    layerNorm('head.fc.norm', out),
  ]);
  return headOfTwo(
    hidden,
    linear('head.fc.fc2', { width: out, out: classes, weight: WEIGHT, bias: zeros }),
    width,
    out,
  );
}

function create(variant: Variant, options: ModelOptions): Model {
  const { id, depths, dims, stem } = variant;
  const [first, numFeatures] = [dims[0], dims.at(-1)] as [number, number];
  const { rates, columns } = branchDrops(options.drop_path_rate, depths);
  return hierarchy({
    id,
    options,
    stem: sequence([
      conv('stem.conv', { ...stem, width: 3, out: first, weight: WEIGHT, bias: zeros }),
      onRows(norm('stem.norm', first)),
    ]),
    stages: stagesOf(variant, columns),
    norm: layerNorm('head.norm', numFeatures),
    numFeatures,
    head: classifier(numFeatures, options.num_classes),
    dropPaths: rates,
    layers: stageLayers(depths),
  });
}

/**
 * Returns the recipe of its authors for 300 epochs on ImageNet-1K (sail-sg/metaformer, scripts/caformer), because
 * EfficientTrain++ has published no script. Stochastic depth at 200 equivalent epochs is theirs at 300, as for all
 * other models of EfficientTrain++. timm's LAMB clips the gradient by itself.
 */
const recipeOf = ({ dropPathRate, dropRate }: Variant): Record<string, unknown> => ({
  'model_args.drop_path_rate': dropPathRate,
  'model_args.drop_rate': dropRate,
  'data.crop_pct': 1,
  'optimizer.name': 'lamb',
  'optimizer.base_lr': 8e-3,
  'optimizer.eps': 1e-6,
  'optimizer.clip_grad_norm': 1,
});

export const models: readonly ModelEntry[] = VARIANTS.map((variant) =>
  entryOf(
    {
      id: variant.id,
      family: 'caformer',
      task: 'classify',
      size: variant.timm ? 224 : 32,
      sizes: { kind: 'any', step: variant.timm ? 32 : 8, min: variant.timm ? 32 : 8 },
      timm: variant.timm,
      timmArgs: variant.timm ? { name: variant.timm, kwargs: {} } : null,
      ...IMAGENET,
      cropPct: 1,
      preset: 'efficienttrain++',
      recipe: variant.timm ? recipeOf(variant) : MICRO_ATTENTION_RECIPE,
    },
    (options) => create(variant, options),
  ),
);
