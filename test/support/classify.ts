/** Makes the classification task's program from explicit options, without a run's configuration. */
import type { Optimizer } from '../../src/main/engine/optim/optimizer';
import { classifyEvaluation, classifyInputs, classifyPass } from '../../src/main/engine/tasks/classify';
import { evalSignature } from '../../src/main/engine/tasks/signature-names';
import { makeInputs } from '../../src/main/engine/tasks/step-input';
import { trainingProgram, type TrainingProgram } from '../../src/main/engine/tasks/training-program';
import type { HostArray, MixParams, Model, Program, Signature, TrainBatch } from '../../src/main/engine/types';

export { accumulateSignature, evalSignature, trainSignature } from '../../src/main/engine/tasks/signature-names';

export interface ClassifyOptions {
  model: Model;
  optimizer: Optimizer;
  betas?: readonly [number, number];
  clipGradNorm: number | null;
  ema: boolean;
  emaDecay?: number;
  labelSmoothing: number;
  lowFrequencyMode: 'crop' | 'resize';
  /** Side of the loader's images. */
  size: number;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  remode: 'pixel' | 'const';
  train: readonly { bandwidth: number; batch: number }[];
  gradAccumSteps?: number;
  evaluate: readonly { size: number; batch: number; bandwidth: number }[];
}

/** @param mix the mix of every step; null: nothing is mixed */
export function trainingOf(options: ClassifyOptions, mix: MixParams | null = null): TrainingProgram {
  const {
    model,
    optimizer,
    betas = [0.9, 0.999],
    clipGradNorm,
    ema,
    emaDecay = 0.9,
    gradAccumSteps = 1,
    train,
  } = options;
  const whole = (bandwidth: number): MixParams => ({
    kind: 'none',
    lam: 1,
    mask: new Float32Array(bandwidth ** 2).fill(1),
  });
  return trainingProgram(classifyPass({ ...options, mix: (_seed, _step, bandwidth) => mix ?? whole(bandwidth) }), {
    ...{
      params: model.params,
      optimizer,
      betas,
      clipGradNorm,
      emaDecay: ema ? emaDecay : null,
      gradAccumSteps,
      sizes: train,
    },
  });
}

export function classifyProgram(options: ClassifyOptions): Program {
  const training = trainingOf(options);
  const weights = options.ema ? (['raw', 'ema'] as const) : (['raw'] as const);
  const evaluations = options.evaluate.flatMap(({ size, batch, bandwidth }) =>
    weights.map((which): [string, Signature] => [
      evalSignature(bandwidth, batch, which),
      classifyEvaluation(options.model, { ...options, size }).signature({ batch, bandwidth, weights: which }),
    ]),
  );
  return {
    variables: { ...training.stateVariables(), ...training.scratchVariables() },
    signatures: { ...training.signatures(), ...Object.fromEntries(evaluations) },
  };
}

export const initialState = (
  options: ClassifyOptions,
  seed: number,
  values?: Record<string, Float32Array>,
): Generator<[string, Float32Array]> => trainingOf(options).initialState(seed, values);

export const scratchState = (options: ClassifyOptions): Generator<[string, Float32Array]> =>
  trainingOf(options).scratchState();

export interface StepScalars {
  seed: number;
  lr: number;
  betas: readonly [number, number];
  emaDecay: number;
}

/** Returns the inputs of a whole batch's training signature. */
export function stepInputs(
  model: Model,
  batch: TrainBatch,
  mix: MixParams,
  { seed, lr, betas, emaDecay }: StepScalars,
): Record<string, HostArray> {
  const scalar = (value: number): Float32Array => Float32Array.of(value);
  const rows = batch.labels.length;
  const size = Math.sqrt(batch.images.length / rows / 3);
  const bandwidth = Math.sqrt(mix.mask.length);
  return {
    ...makeInputs(classifyInputs({ model, size }, bandwidth, rows), { batch, mix, seed }),
    ...{ lr: scalar(lr), ema_decay: scalar(emaDecay) },
    ...{ correction1: scalar(1 - betas[0] ** (batch.step + 1)), correction2: scalar(1 - betas[1] ** (batch.step + 1)) },
  };
}
