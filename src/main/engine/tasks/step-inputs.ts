import { rngOf, textKey } from '../../../shared/random';
import type { HostArray, MixParams, Model, TrainBatch } from '../types';

export interface StepScalars {
  seed: number;
  lr: number;
  betas: readonly [number, number];
  emaDecay: number;
}

const KEEP = textKey('drop_path');
const DROPOUT = textKey('dropout');

/** [rows, rates.length]: 0 with the column's rate, else 1 / (1 - rate). */
export function keepMask(rows: number, rates: readonly number[], ...stream: number[]): Float32Array {
  const rng = rngOf(...stream);
  const mask = new Float32Array(rows * rates.length);
  for (let row = 0; row < rows; row++)
    rates.forEach((rate, column) => (mask[row * rates.length + column] = rng.uniform() < rate ? 0 : 1 / (1 - rate)));
  return mask;
}

/** Everything that a training signature declares, as a pure function of the batch, the mix and (seed, step). */
export function stepInputs(
  model: Model,
  batch: TrainBatch,
  mix: MixParams,
  { seed, lr, betas, emaDecay }: StepScalars,
): Record<string, HostArray> {
  const { step, labels } = batch;
  const rows = labels.length;
  const scalar = (value: number): Float32Array => Float32Array.of(value);
  const { drop_rate } = model.options;
  return {
    images: batch.images,
    labels,
    erase: batch.erase,
    mix: mix.mask,
    lam: scalar(mix.lam),
    noise_seed: Int32Array.of(seed | 0, step),
    lr: scalar(lr),
    correction1: scalar(1 - betas[0] ** (step + 1)),
    correction2: scalar(1 - betas[1] ** (step + 1)),
    ema_decay: scalar(emaDecay),
    ...(model.dropPaths.length ? { keep: keepMask(rows, model.dropPaths, seed, KEEP, step) } : {}),
    ...(drop_rate > 0 ? { dropout: keepMask(rows, Array<number>(model.numFeatures).fill(drop_rate), seed, DROPOUT, step) } : {}),
  };
}
