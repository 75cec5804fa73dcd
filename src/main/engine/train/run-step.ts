/** One optimizer step on the device: a batch at once, or in parts whose gradients add up. */
import { accumulateSignature, trainSignature } from '../tasks/classify';
import { stepInputs, type StepScalars } from '../tasks/step-inputs';
import type { Executor, HostArray, MixParams, Model, TrainBatch } from '../types';

export interface StepParts {
  executor: Executor;
  model: Model;
  bandwidth: number;
  /** Parts that the batch is taken in. */
  gradAccumSteps: number;
}

export interface StepResult {
  /** Mean over the batch. */
  loss: number;
  gradNorm: number;
  /** Images whose most probable class is the label that weighs most. */
  correct: number;
}

/** Inputs with a row for each image. */
const BY_IMAGE = ['images', 'labels', 'erase', 'keep', 'dropout'];
/** Inputs that only the optimizer and the EMA need, after the last part. */
const OF_UPDATE = ['lr', 'correction1', 'correction2', 'ema_decay'];

/**
 * Rows of a part. Image i is mixed with image N - 1 - i, so a part takes as many from the front as from the back: turned round, it pairs
 * the same images as the whole batch does.
 */
function rowsOf(count: number, parts: number, part: number): [number, number][] {
  const half = count / parts / 2;
  if (!Number.isInteger(half)) throw new Error(`a batch of ${count} has no ${parts} parts of pairs`);
  return [
    [part * half, (part + 1) * half],
    [count - (part + 1) * half, count - part * half],
  ];
}

function pick(values: HostArray, count: number, rows: readonly [number, number][]): HostArray {
  const width = values.length / count;
  const slices = rows.map(([from, to]) => values.subarray(from * width, to * width));
  const picked = values.slice(
    0,
    slices.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const slice of slices) {
    picked.set(slice, at);
    at += slice.length;
  }
  return picked;
}

function partOf(whole: Record<string, HostArray>, parts: number, part: number): Record<string, HostArray> {
  const count = (whole['labels'] as Int32Array).length;
  const rows = rowsOf(count, parts, part);
  const inputs = Object.fromEntries(
    Object.entries(whole).map(([name, values]) => [name, BY_IMAGE.includes(name) ? pick(values, count, rows) : values]),
  );
  // Erasing's noise is drawn on the device for the rows of a part: another for each.
  const [seed = 0, step = 0] = whole['noise_seed'] as Int32Array;
  return { ...inputs, noise_seed: Int32Array.of(seed, (step + Math.imul(part, 0x9e3779b1)) | 0) };
}

/** What `runStep` runs for a batch of `count`. */
export function stepSignatures(
  { bandwidth, gradAccumSteps: parts }: Omit<StepParts, 'executor' | 'model'>,
  count: number,
): string[] {
  const rows = count / parts;
  return [...(parts > 1 ? [accumulateSignature(bandwidth, rows)] : []), trainSignature(bandwidth, rows)];
}

export function runStep(
  { executor, model, bandwidth, gradAccumSteps: parts }: StepParts,
  batch: TrainBatch,
  mix: MixParams,
  scalars: StepScalars,
): StepResult {
  const whole = stepInputs(model, batch, mix, scalars);
  const rows = batch.labels.length / parts;
  let [loss, correct] = [0, 0];
  for (let part = 0; part < parts - 1; part++) {
    const inputs = partOf(whole, parts, part);
    for (const name of OF_UPDATE) delete inputs[name];
    const out = executor.run(accumulateSignature(bandwidth, rows), { ...inputs, keep_sum: Float32Array.of(part ? 1 : 0) });
    loss += out['loss']?.[0] ?? NaN;
    correct += out['correct']?.[0] ?? 0;
  }
  const out = executor.run(trainSignature(bandwidth, rows), parts > 1 ? partOf(whole, parts, parts - 1) : whole);
  return {
    loss: (loss + (out['loss']?.[0] ?? NaN)) / parts,
    gradNorm: out['grad_norm']?.[0] ?? NaN,
    correct: correct + (out['correct']?.[0] ?? 0),
  };
}
