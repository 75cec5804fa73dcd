import { setImmediate as tick } from 'node:timers/promises';
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
  /** Asked before every batch: true gives the pass up. */
  stop?: () => boolean;
  /** Sees every batch, e.g. to dump it. */
  onBatch?: (batch: { images: Uint8Array; labels: Int32Array; logits: Float32Array }) => void;
}

/** One pass over a split at one size, without augmentation (val/* of a run: final size, crop_pct); null where it was given up. */
export async function evaluate({
  executor,
  loader,
  classes,
  bandwidth,
  batch,
  weights,
  stop = () => false,
  onBatch,
}: EvaluateOptions): Promise<EvaluationResult | null> {
  const meter = new AccuracyMeter(classes);
  for (const { images, labels } of loader.batches()) {
    // Lets messages and signals in: what follows blocks this thread.
    await tick();
    if (stop()) return null;
    const { logits, losses } = executor.run(evalSignature(bandwidth, batch, weights), { images, labels });
    meter.add(logits as Float32Array, losses as Float32Array, labels);
    onBatch?.({ images, labels, logits: logits as Float32Array });
  }
  return meter.result();
}
