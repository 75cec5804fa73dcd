/** Translates a configuration into task, model, optimizer, program and loader. It is pure and opens nothing. */
import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { featureSignature, signatureOfFeatures } from '../inference/features';
import { SIMILARITIES, similaritySignature } from '../inference/similarities';
import { modelEntry } from '../models';
import { createOptimizer, optimizerKey } from '../optim';
import { findTask } from '../tasks';
import type { Evaluation, Measurement } from '../tasks/evaluation';
import { accumulateSignature, evalSignature, trainSignature } from '../tasks/signature-names';
import type { Task } from '../tasks/task';
import type { TrainingProgram } from '../tasks/training-program';
import { viewOf, type View } from '../tasks/view';
import type { AugmentOptions, LoaderStage, Model, ModelEntry, Program, Signature } from '../types';

export interface Sizes {
  /** Side of the model's input and number of images on the device at once. */
  train: readonly { bandwidth: number; batch: number }[];
  evaluate: readonly { bandwidth: number; batch: number }[];
}

export interface RunSetup {
  task: Task;
  entry: ModelEntry;
  model: Model;
  training: TrainingProgram;
  evaluation: Evaluation;
  /** Name of the feature whose k-NN accuracy is measured; null where none is, or the dataset has no labels. */
  knnFeature: string | null;
  sizes: Sizes;
  /** Everything that decides the graph. */
  key: unknown;
  program: () => Program;
  /** Signatures whose products are computed in bfloat16. */
  autocast: string[];
}

const trainingSignatures = ({ bandwidth, batch }: Sizes['train'][number]): string[] => [
  trainSignature(bandwidth, batch),
  accumulateSignature(bandwidth, batch),
];

function distinct<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()];
}

/** Returns the sizes at which the stages of a plan and its evaluations run. */
export function sizesOf(config: RunConfig, stages: Plan['stages']): Sizes {
  const parts = config.optimizer.grad_accum_steps;
  const train = distinct(stages.map(({ bandwidth, batch }) => ({ bandwidth, batch: batch / parts })));
  const own = config.eval.at_stage_size ? train.map(({ bandwidth }) => bandwidth) : [];
  return {
    train,
    evaluate: distinct([config.size, ...own]).map((bandwidth) => ({ bandwidth, batch: config.eval.batch })),
  };
}

/** Returns the network as the run's task trains it. @param classes of the dataset; 0 where it has none */
export function modelOf(config: RunConfig, classes: number): Model {
  const { drop_path_rate, drop_rate } = config.model_args;
  const settings = { classes, size: config.size, drop_path_rate, drop_rate };
  return findTask(config.task).createModel(modelEntry(config.model), settings, config);
}

/** Makes every evaluation signature of the given sizes. @throws if two are the same */
function evaluationSignatures(
  evaluation: Evaluation,
  sizes: Sizes['evaluate'],
  ema: boolean,
): Record<string, Signature> {
  const made: Record<string, Signature> = {};
  const weights = ema ? (['raw', 'ema'] as const) : (['raw'] as const);
  for (const measurement of sizes.flatMap((size) =>
    weights.map((which): Measurement => ({ ...size, weights: which })),
  )) {
    const name = evalSignature(measurement.bandwidth, measurement.batch, measurement.weights);
    if (made[name]) throw new Error(`signature ${name} twice`);
    made[name] = evaluation.signature(measurement);
  }
  return made;
}

/** Makes the signatures that k-NN needs beside an evaluation, at the final size. */
function knnSignatures(model: Model, view: View, feature: string, sizes: Sizes['evaluate']): Record<string, Signature> {
  const whole = sizes.filter(({ bandwidth }) => bandwidth === view.size);
  const features = whole.map(({ batch }): [string, Signature] => [
    featureSignature(view.size, batch),
    signatureOfFeatures({ model, view, batch, feature }),
  ]);
  return whole.length
    ? { ...Object.fromEntries(features), [SIMILARITIES]: similaritySignature(model.numFeatures) }
    : {};
}

/**
 * Sets up a run.
 * @param classes of the dataset; 0 where it has none
 * @param sizes that the program has signatures for; without training sizes it evaluates only
 * @throws AppError not_found (model, task), invalid_config
 */
export function runSetup(config: RunConfig, classes: number, sizes: Sizes): RunSetup {
  const { optimizer, ema } = config;
  const task = findTask(config.task);
  const model = modelOf(config, classes);
  const view = viewOf(config);
  const evaluation = task.evaluation(model, view, config);
  const knnFeature = classes > 0 ? (evaluation.knn?.feature ?? null) : null;
  const made = {
    ...{ optimizer: createOptimizer(optimizer, model), betas: optimizer.betas, clipGradNorm: optimizer.clip_grad_norm },
    ...{ emaDecay: ema.decay, gradAccumSteps: optimizer.grad_accum_steps, sizes: sizes.train },
  };
  const training = task.training(model, config, made);
  const { clip_grad_norm, grad_accum_steps } = optimizer;
  return {
    ...{ task, entry: modelEntry(config.model), model, training, evaluation, knnFeature, sizes },
    key: {
      ...{ task: task.id, own: task.graphKey(config), model: config.model, options: model.options, view, sizes },
      ...{ ema: ema.decay !== null, clip_grad_norm, grad_accum_steps },
      optimizer: optimizerKey(optimizer),
      ...(knnFeature !== null && { knnFeature }),
    },
    program: () => ({
      variables: { ...training.stateVariables(), ...training.scratchVariables() },
      signatures: {
        ...training.signatures(),
        ...evaluationSignatures(evaluation, sizes.evaluate, ema.decay !== null),
        ...(knnFeature !== null && knnSignatures(model, view, knnFeature, sizes.evaluate)),
      },
    }),
    autocast: config.engine.autocast ? sizes.train.flatMap(trainingSignatures) : [],
  };
}

/** Sets up training. @param classes of the dataset @param stages of the run's plan */
export const trainingSetup = (config: RunConfig, classes: number, stages: Plan['stages']): RunSetup =>
  runSetup(config, classes, sizesOf(config, stages));
/** Returns the loader's augmentations of a run, in timm's names. */
export function augmentOptions({ data }: RunConfig): AugmentOptions {
  const { randaug_num_ops: num_ops, randaug_mstd: mstd, randaug_increasing: increasing, ...rest } = data;
  const {
    scale,
    ratio,
    hflip,
    interpolation,
    color_jitter,
    auto_augment,
    mean,
    std,
    reprob,
    remode,
    mixup,
    cutmix,
    mixup_prob,
    mixup_switch_prob,
  } = rest;
  return {
    scale,
    ratio,
    hflip,
    interpolation,
    color_jitter,
    auto_augment,
    mean,
    std,
    reprob,
    remode,
    mixup,
    cutmix,
    mixup_prob,
    mixup_switch_prob,
    randaug: { num_ops, mstd, increasing },
  };
}

/** Returns a plan's stages as the loader needs them. */
export const loaderStages = ({ stages }: Plan): LoaderStage[] =>
  stages.map(({ first_step, steps, batch, replay_times, bandwidth, magnitude, magnitude_end }) => ({
    firstStep: first_step,
    steps,
    batch,
    replayTimes: replay_times,
    bandwidth,
    magnitude,
    magnitudeEnd: magnitude_end,
  }));
