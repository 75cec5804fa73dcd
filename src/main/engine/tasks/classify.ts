/**
 * Supervised classification as a Program: one training signature for each (bandwidth, batch) of the curriculum and one
 * evaluation signature for each size, over one set of variables. On the device: uint8 / 255 -> low-frequency crop to B ->
 * normalise -> random erasing -> mix with the flipped batch -> model -> soft-target cross-entropy -> gradients -> clipping ->
 * optimizer -> EMA (order of Wang et al., TPAMI 2024, sec. 4).
 */
import { lowFrequencyCrop, lowFrequencyCropOf8Bit } from '../curriculum/low-frequency-crop';
import { flag, real } from '../layers/attrs';
import { clipGradNorm } from '../optim/clip-grad';
import { emaName, emaVariables, updateEma } from '../optim/ema';
import { addToSums, meanOfParts, sumVariables } from '../optim/gradient-sums';
import { slotVariables, type Optimizer } from '../optim/optimizer';
import type { Attr, Context, Model, Program, Signature, Tensor, TensorInfo } from '../types';
import { eraseRectangles } from './erase';
import { sizeOf } from '../size-of';

export interface ClassifyOptions {
  model: Model;
  optimizer: Optimizer;
  clipGradNorm: number | null;
  ema: boolean;
  labelSmoothing: number;
  lowFrequencyMode: 'crop' | 'resize';
  /** Side of the images that come in. */
  size: number;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  remode: 'pixel' | 'const';
  /** Distinct (bandwidth, batch) pairs; `batch` is what is on the device at once. */
  train: readonly { bandwidth: number; batch: number }[];
  /** Parts of a batch whose gradients add up before the optimizer's step; default 1. */
  gradAccumSteps?: number;
  /** `bandwidth` below `size`: the images are cropped to it first (val/top1_stage). */
  evaluate: readonly { size: number; batch: number; bandwidth: number }[];
}

export const trainSignature = (bandwidth: number, batch: number): string => `train_${bandwidth}_${batch}`;
/** All parts of a batch but the last. */
export const accumulateSignature = (bandwidth: number, batch: number): string => `accumulate_${bandwidth}_${batch}`;
export const evalSignature = (bandwidth: number, batch: number, weights: 'raw' | 'ema'): string =>
  `evaluate_${bandwidth}_${batch}_${weights}`;

const scalar: TensorInfo = { shape: [], dtype: 'float32' };

/** Scalars and masks of a step's forward and backward pass, beside images and labels; see step-inputs.ts. */
function passInputs({ model, size }: ClassifyOptions, bandwidth: number, batch: number): Record<string, TensorInfo> {
  return {
    images: { shape: [batch, size, size, 3], dtype: 'uint8' },
    labels: { shape: [batch], dtype: 'int32' },
    erase: { shape: [batch, 4], dtype: 'int32' },
    mix: { shape: [bandwidth, bandwidth], dtype: 'float32' },
    lam: scalar,
    noise_seed: { shape: [2], dtype: 'int32' },
    ...(model.dropPaths.length ? { keep: { shape: [batch, model.dropPaths.length], dtype: 'float32' } } : {}),
    ...(model.options.drop_rate > 0 ? { dropout: { shape: [batch, model.numFeatures], dtype: 'float32' } } : {}),
  };
}

function normalise({ tf }: Context, x: Tensor, mean: readonly number[], std: readonly number[]): Tensor {
  return tf.mul(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d(std.map((value) => 1 / value)));
}

const toUnit = ({ tf }: Context, images: Tensor): Tensor => tf.mul(tf.cast(images, 'float32'), 1 / 255);

/** Targets [N, classes]: smoothed one-hot labels, mixed with those of the flipped batch by lam (timm's mixup_target). */
function softTargets({ tf }: Context, labels: Tensor, lam: Tensor, classes: number, smoothing: number): Tensor {
  // tfjs's one-hot is int32 by default, which would round the smoothed values.
  const hard = tf.oneHot(labels as never, classes, 1, 0, 'float32');
  const own: Tensor = tf.add(tf.mul(hard, 1 - smoothing), smoothing / classes);
  return tf.add(tf.mul(own, lam), tf.mul(tf.reverse(own, 0), tf.sub(1, lam)));
}

/** Mean cross-entropy of soft targets, with the gradient (softmax - target) / N where targets sum to 1. */
function softCrossEntropy({ tf }: Context, logits: Tensor, targets: Tensor): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [scores, wanted, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const logProbabilities = tf.logSoftmax(scores);
    save([logProbabilities, wanted]);
    return {
      value: tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, wanted), -1))),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [kept, target] = saved as [Tensor, Tensor];
        const rows = kept.shape[0] as number;
        return [tf.mul(tf.sub(tf.exp(kept), target), tf.div(dy, rows)), tf.neg(tf.mul(kept, tf.div(dy, rows)))];
      },
    };
  })(logits, targets);
}

const UPDATE_INPUTS: Record<string, TensorInfo> = { lr: scalar, correction1: scalar, correction2: scalar, ema_decay: scalar };

export type PassTensors = Record<'images' | 'labels' | 'erase' | 'mix' | 'lam' | 'noise_seed', Tensor> &
  Partial<Record<'keep' | 'dropout', Tensor>>;
type UpdateTensors = Record<'lr' | 'correction1' | 'correction2' | 'ema_decay', Tensor>;

/** uint8 [N, size, size, 3] -> what the model sees, float32 [N, B, B, 3]. */
export function prepared(context: Context, options: ClassifyOptions, bandwidth: number, step: PassTensors): Tensor {
  const { tf } = context;
  if (context.kernels) return preparedInOnePass(context, options, bandwidth, step);
  const cropped = lowFrequencyCrop(context, toUnit(context, step.images), bandwidth, options.lowFrequencyMode);
  const plain = normalise(context, cropped, options.mean, options.std);
  const erased = eraseRectangles(context, plain, step.erase, step.noise_seed, options.remode);
  const weight = tf.reshape(step.mix, [1, bandwidth, bandwidth, 1]);
  return tf.add(tf.mul(erased, weight), tf.mul(tf.reverse(erased, 0), tf.sub(1, weight)));
}

function preparedInOnePass(
  context: Context,
  { lowFrequencyMode, mean, std, remode }: ClassifyOptions,
  bandwidth: number,
  { images, mix, erase, noise_seed: seed }: PassTensors,
): Tensor {
  // The crop is linear: 0 .. 255 goes in here as it is, and the op scales.
  const cropped = lowFrequencyCropOf8Bit(context, images, bandwidth, lowFrequencyMode);
  const attrs: Record<string, Attr> = {
    mean: real([...mean]),
    inverse_std: real(std.map((value) => 1 / value)),
    noise: flag(remode === 'pixel'),
  };
  return context.op('StudioPrepare', [cropped, mix, erase, seed], attrs)[0] as Tensor;
}

interface Pass {
  gradients: Map<string, Tensor>;
  outputs: { loss: Tensor; correct: Tensor };
}

/** Forward and backward. */
function pass(context: Context, options: ClassifyOptions, bandwidth: number, step: PassTensors): Pass {
  const { tf } = context;
  const { model } = options;
  const trainable = model.params.filter((param) => param.trainable);
  const masks = { ...(step.keep ? { keep: step.keep } : {}), ...(step.dropout ? { dropout: step.dropout } : {}) };
  const x = prepared(context, options, bandwidth, step);
  const targets = softTargets(context, step.labels, step.lam, model.options.num_classes, options.labelSmoothing);
  let logits: Tensor | undefined;
  const loss = (): Tensor => {
    logits = tf.keep(model.forward(context, x, { training: true, ...masks }));
    return softCrossEntropy(context, logits, targets);
  };
  const variables = trainable.map(({ name }) => context.variable(name));
  const { value, grads } = tf.variableGrads(loss as never, variables as never);
  // Against the label that weighs most where two are mixed.
  const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits as unknown as Tensor, -1), tf.argMax(targets, -1)), 'float32'));
  tf.dispose(logits);
  return {
    gradients: new Map(trainable.map(({ name }, index) => [name, grads[variables[index]?.name ?? name] as Tensor])),
    outputs: { loss: value, correct },
  };
}

function trainSignatureOf(options: ClassifyOptions, bandwidth: number, batch: number): Signature {
  const { model, optimizer, gradAccumSteps = 1 } = options;
  const trainable = model.params.filter((param) => param.trainable);
  return {
    inputs: { ...passInputs(options, bandwidth, batch), ...UPDATE_INPUTS },
    body: (context, inputs) => {
      const step = inputs as PassTensors & UpdateTensors;
      const { gradients, outputs } = pass(context, options, bandwidth, step);
      const whole = gradAccumSteps > 1 ? meanOfParts(context, trainable, gradients, gradAccumSteps) : gradients;
      const { norm, factor } = clipGradNorm(context, whole, options.clipGradNorm);
      const update = { gradients: whole, factor, emaDecay: options.ema ? step.ema_decay : null };
      const averaged = optimizer.update(context, trainable, update, step);
      const others = model.params.filter(({ name }) => !averaged.has(name));
      if (options.ema) updateEma(context, others, step.ema_decay);
      return { ...outputs, grad_norm: norm };
    },
  };
}

function accumulateSignatureOf(options: ClassifyOptions, bandwidth: number, batch: number): Signature {
  const trainable = options.model.params.filter((param) => param.trainable);
  return {
    inputs: { ...passInputs(options, bandwidth, batch), keep_sum: scalar },
    body: (context, inputs) => {
      const { keep_sum: keep, ...step } = inputs as PassTensors & { keep_sum: Tensor };
      const { gradients, outputs } = pass(context, options, bandwidth, step as PassTensors);
      addToSums(context, trainable, gradients, keep);
      return outputs;
    },
  };
}

function evalSignatureOf(
  { model, mean, std, lowFrequencyMode }: ClassifyOptions,
  { size, batch, bandwidth }: ClassifyOptions['evaluate'][number],
  weights: 'raw' | 'ema',
): Signature {
  return {
    inputs: { images: { shape: [batch, size, size, 3], dtype: 'uint8' }, labels: { shape: [batch], dtype: 'int32' } },
    body: (context, { images, labels }) => {
      const { tf } = context;
      const cropped = lowFrequencyCrop(context, toUnit(context, images as Tensor), bandwidth, lowFrequencyMode);
      const x = normalise(context, cropped, mean, std);
      const param = (name: string): Tensor => context.variable(weights === 'ema' ? emaName(name) : name);
      const logits = model.forward(context, x, { training: false, param });
      // A negative label is none: its one-hot row is zero, and so is its loss.
      const picked = tf.mul(tf.logSoftmax(logits), tf.oneHot(labels as never, model.options.num_classes, 1, 0, 'float32'));
      return { logits, losses: tf.neg(tf.sum(picked, -1)) };
    },
  };
}

/** @throws if two entries of `train` or `evaluate` are the same */
export function classifyProgram(options: ClassifyOptions): Program {
  const signatures: Record<string, Signature> = {};
  const add = (name: string, signature: Signature): void => {
    if (signatures[name]) throw new Error(`signature ${name} twice`);
    signatures[name] = signature;
  };
  const inParts = (options.gradAccumSteps ?? 1) > 1;
  for (const { bandwidth, batch } of options.train) {
    if (inParts) add(accumulateSignature(bandwidth, batch), accumulateSignatureOf(options, bandwidth, batch));
    add(trainSignature(bandwidth, batch), trainSignatureOf(options, bandwidth, batch));
  }
  for (const entry of options.evaluate) {
    for (const weights of options.ema ? (['raw', 'ema'] as const) : (['raw'] as const))
      add(evalSignature(entry.bandwidth, entry.batch, weights), evalSignatureOf(options, entry, weights));
  }
  return { variables: { ...stateVariables(options), ...scratchVariables(options) }, signatures };
}

/** Variables that a checkpoint has: parameters, optimizer slots, EMA. */
export function stateVariables({ model, optimizer, train, ema }: ClassifyOptions): Record<string, TensorInfo> {
  const own = Object.fromEntries(
    model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]),
  );
  const trained = train.length ? model.params.filter(({ trainable }) => trainable) : [];
  return { ...own, ...slotVariables(optimizer, trained), ...(ema ? emaVariables(model.params) : {}) };
}

function scratchVariables({ model, gradAccumSteps = 1 }: ClassifyOptions): Record<string, TensorInfo> {
  return gradAccumSteps > 1 ? sumVariables(model.params.filter(({ trainable }) => trainable)) : {};
}

/** What has to be there before the first step but is no state: a checkpoint doesn't have it. */
export function* scratchState(options: ClassifyOptions): Generator<[string, Float32Array]> {
  for (const [name, info] of Object.entries(scratchVariables(options))) yield [name, new Float32Array(sizeOf(info.shape))];
}

/**
 * Every state variable's first value: parameters from the seed (or `values`), slots zero, EMA the parameter's. One after the other: the whole state is
 * several times the parameters, and would be in memory twice beside the variables. Arrays may be the same one; whoever changes them copies.
 */
export function* initialState(
  { model, optimizer, ema }: ClassifyOptions,
  seed: number,
  values: Record<string, Float32Array> = {},
): Generator<[string, Float32Array]> {
  for (const { name, trainable, init } of model.params) {
    const value = values[name] ?? init(seed);
    yield [name, value];
    if (ema) yield [emaName(name), value];
    if (!trainable) continue;
    const zeros = new Float32Array(value.length);
    for (const slot of optimizer.slots) yield [`${name}/${slot}`, zeros];
  }
}
