/** Runs a case of cases/*.json in our engine, with the inputs of reference.py, through the whole program. */
import { modelEntry } from '../../../src/main/engine/models';
import { adamW } from '../../../src/main/engine/optim/adamw';
import type { Optimizer } from '../../../src/main/engine/optim/optimizer';
import { sgd } from '../../../src/main/engine/optim/sgd';
import type { ClassifyOptions } from '../../support/classify';
import type { HostArray, Model, ModelOptions } from '../../../src/main/engine/types';
import { fromTimm } from '../../../src/main/engine/weights/layout';
import * as formula from './formula';

type OptimizerCase =
  | { name: 'adamw'; betas: [number, number]; eps: number; weight_decay: number }
  | { name: 'sgd'; momentum: number; nesterov: boolean; weight_decay: number };

export interface RunCase {
  id: string;
  optimizer: OptimizerCase;
  clip: number;
  ema_decay: number;
  lrs: number[];
}

export interface Case {
  id: string;
  family: string;
  /** null where timm has no such network; `network` then describes the one that families/<family>.py builds. */
  timm: { name: string; kwargs: Record<string, unknown> } | null;
  network?: Record<string, unknown>;
  options: ModelOptions;
  /** Whether the golden file has a digest in place of names, shapes and initial values. */
  digest?: boolean;
  batch: number;
  size: number;
  smoothing: number;
  forward_sizes: number[];
  stages: { bandwidth: number; steps: number }[];
  /** Norms whose weight and bias let the ReLU after them pass nearly everything. */
  opened?: formula.Opened;
  runs: RunCase[];
}

export interface Golden {
  versions: Record<string, string>;
  cases: Record<string, CaseResult>;
}

/** Name, timm's shape, mean, standard deviation and kurtosis. */
export type Statistic = [string, number[], number, number, number];

export interface CaseResult {
  /** Missing where the case has a digest. */
  statistics?: Statistic[];
  /** SHA-256 of all names and timm's shapes, in order. */
  digest?: string;
  parameters: number;
  /** Multiply-adds of one image with 1000 classes, by size. */
  macs: Record<string, number>;
  no_decay: string[];
  rates: number[];
  forward: Record<string, number[]>;
  gradients: {
    step: number;
    loss: number;
    parameters: Record<string, formula.Summary>;
    buffers: Record<string, formula.Summary>;
  };
  runs: Record<string, { losses: number[]; norms: number[]; raw: number[]; ema: number[] }>;
}

export const createModel = ({ id, options }: Case): Model => modelEntry(id).create(options);

/** Returns the formula's weights in this program's layouts. */
export const weightsOf = ({ opened = {} }: Case, model: Model): Record<string, Float32Array> =>
  Object.fromEntries(model.params.map((spec) => [spec.name, fromTimm(spec, formula.weight(spec, opened))]));

const optimizerOf = (config: OptimizerCase): Optimizer => (config.name === 'adamw' ? adamW(config) : sgd(config));

export function programOptions(example: Case, model: Model, run: RunCase): ClassifyOptions {
  const { batch, size, smoothing, stages, forward_sizes } = example;
  return {
    ...{
      model,
      size,
      optimizer: optimizerOf(run.optimizer),
      clipGradNorm: run.clip,
      ema: true,
      labelSmoothing: smoothing,
    },
    ...{ lowFrequencyMode: 'crop', remode: 'const', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    train: [...new Set(stages.map(({ bandwidth }) => bandwidth))].map((bandwidth) => ({ bandwidth, batch })),
    evaluate: [...new Set([...forward_sizes, size])].map((side) => ({ size: side, batch, bandwidth: side })),
  };
}

/** A run of SGD without decay, after whose first step the momentum slots hold the gradient. */
export const GRADIENT_RUN: RunCase = {
  id: 'gradient',
  optimizer: { name: 'sgd', momentum: 0.9, nesterov: false, weight_decay: 0 },
  clip: Number.MAX_SAFE_INTEGER,
  ema_decay: 0.9,
  lrs: [0],
};

/** Returns the inputs of a training signature. @param count the number of updates before this step */
export function trainInputs(
  example: Case,
  model: Model,
  run: RunCase,
  step: number,
  bandwidth: number,
  count = step,
): Record<string, HostArray> {
  const { batch, size, options } = example;
  const { lam, mask } = formula.mixing(step, bandwidth);
  const scalar = (value: number): Float32Array => Float32Array.of(value);
  const [beta1, beta2] = run.optimizer.name === 'adamw' ? run.optimizer.betas : [0, 0];
  return {
    images: formula.images(`images/${step % 4}`, batch, size),
    labels: formula.labels(step, batch, options.num_classes),
    erase: formula.rectangles(step, batch, bandwidth),
    mix: mask,
    lam: scalar(lam),
    noise_seed: Int32Array.of(0, step),
    lr: scalar(run.lrs[count]!),
    correction1: scalar(1 - beta1 ** (count + 1)),
    correction2: scalar(1 - beta2 ** (count + 1)),
    ema_decay: scalar(run.ema_decay),
    ...(model.dropPaths.length ? { keep: formula.mask(`keep/${step}`, batch, model.dropPaths) } : {}),
    ...(options.drop_rate > 0
      ? { dropout: formula.mask(`dropout/${step}`, batch, Array<number>(model.dropoutWidth).fill(options.drop_rate)) }
      : {}),
  };
}

export const evalInputs = ({ batch }: Case, size: number): Record<string, HostArray> => ({
  images: formula.images('forward', batch, size),
  labels: new Int32Array(batch).fill(-1),
});
