/** What a configuration means for the engine: model, optimizer, signatures, loader. Pure; nothing is opened here. */
import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { modelEntry } from '../models';
import { createOptimizer, optimizerKey } from '../optim';
import { accumulateSignature, classifyProgram, trainSignature, type ClassifyOptions } from '../tasks/classify';
import type { AugmentOptions, LoaderStage, Model, ModelEntry, Program } from '../types';

export interface TrainingSetup {
  entry: ModelEntry;
  model: Model;
  classify: ClassifyOptions;
  /** Everything that decides the graph. */
  key: unknown;
  program: () => Program;
  /** Signatures whose products are computed in bfloat16. */
  autocast: string[];
}

const trainingSignatures = (bandwidth: number, batch: number): string[] => [
  trainSignature(bandwidth, batch),
  accumulateSignature(bandwidth, batch),
];

function distinct<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()];
}

/** @param classes number of classes  @param stages of the plan; none for evaluation alone */
export function trainingSetup(config: RunConfig, classes: number, stages: Plan['stages']): TrainingSetup {
  const entry = modelEntry(config.model);
  const { drop_path_rate, drop_rate } = config.model_args;
  const options = { num_classes: classes, img_size: config.size, drop_path_rate, drop_rate };
  const model = entry.create(options);
  const { data, optimizer, ema } = config;
  const { grad_accum_steps: gradAccumSteps } = optimizer;
  const train = distinct(stages.map(({ bandwidth, batch }) => ({ bandwidth, batch: batch / gradAccumSteps })));
  const bandwidths = config.eval.at_stage_size
    ? distinct([config.size, ...train.map(({ bandwidth }) => bandwidth)])
    : [config.size];
  const classify: ClassifyOptions = {
    ...{
      model,
      optimizer: createOptimizer(optimizer, model),
      clipGradNorm: optimizer.clip_grad_norm,
      ema: ema.decay !== null,
      labelSmoothing: data.label_smoothing,
    },
    ...{
      lowFrequencyMode: config.schedule.low_frequency_mode,
      size: config.size,
      mean: data.mean,
      std: data.std,
      remode: data.remode,
      train,
      gradAccumSteps,
    },
    evaluate: bandwidths.map((bandwidth) => ({ size: config.size, batch: config.eval.batch, bandwidth })),
  };
  const { optimizer: _, model: __, ...rest } = classify;
  return {
    entry,
    model,
    classify,
    key: { model: config.model, options, ...rest, optimizer: optimizerKey(optimizer) },
    program: () => classifyProgram(classify),
    autocast: config.engine.autocast ? train.flatMap(({ bandwidth, batch }) => trainingSignatures(bandwidth, batch)) : [],
  };
}

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

export const loaderStages = ({ stages }: Plan): LoaderStage[] =>
  stages.map(({ first_step, steps, batch, bandwidth, magnitude, magnitude_end }) => ({
    firstStep: first_step,
    steps,
    batch,
    bandwidth,
    magnitude,
    magnitudeEnd: magnitude_end,
  }));
