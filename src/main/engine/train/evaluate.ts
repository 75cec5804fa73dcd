import { evalSignature } from '../tasks/classify';
import type { EvalLoader } from '../data/loader/eval-loader';
import type { Executor } from '../types';
import { AccuracyMeter, type EvaluationResult } from './accuracy';

export interface EvaluateOptions {
  executor: Executor;
  loader: EvalLoader;
  classes: number;
  /** Side of what the model sees. */
  bandwidth: number;
  batch: number;
  weights: 'raw' | 'ema';
  /** Sees every batch, e.g. to dump it. */
  onBatch?: (batch: { images: Uint8Array; labels: Int32Array; logits: Float32Array }) => void;
}

/** One pass over a split at one size, without augmentation (val/* of a run: final size, crop_pct). */
export function evaluate({ executor, loader, classes, bandwidth, batch, weights, onBatch }: EvaluateOptions): EvaluationResult {
  const meter = new AccuracyMeter(classes);
  for (const { images, labels } of loader.batches()) {
    const { logits, losses } = executor.run(evalSignature(bandwidth, batch, weights), { images, labels });
    meter.add(logits as Float32Array, losses as Float32Array, labels);
    onBatch?.({ images, labels, logits: logits as Float32Array });
  }
  return meter.result();
}
