import { setImmediate as tick } from 'node:timers/promises';
import { evalSignature } from '../tasks/classify';
import type { EvalLoader } from '../data/loader/eval-loader';
import type { Executor } from '../types';
import { AccuracyMeter, type EvaluationResult } from './accuracy';

export interface Measurement {
  /** Side of what the model sees. */
  bandwidth: number;
  weights: 'raw' | 'ema';
}

export interface EvaluateOptions {
  executor: Executor;
  loader: EvalLoader;
  classes: number;
  batch: number;
  /** Asked before every batch: true gives the pass up. */
  stop?: () => boolean;
  /** Sees every batch with the first measurement's logits, e.g. to dump it. */
  onBatch?: (batch: { images: Uint8Array; labels: Int32Array; logits: Float32Array }) => void;
}

/**
 * One pass over a split without augmentation (val/* of a run: final size, crop_pct), measured in several ways at once: the images are made
 * once, and all figures are of the same ones.
 * @returns a result for each measurement; null where the pass was given up
 */
export async function evaluate<const M extends readonly Measurement[]>(
  measurements: M,
  { executor, loader, classes, batch, stop = () => false, onBatch }: EvaluateOptions,
): Promise<{ [Index in keyof M]: EvaluationResult } | null> {
  const meters = measurements.map(() => new AccuracyMeter(classes));
  for (const { images, labels } of loader.batches()) {
    // Lets messages and signals in: what follows blocks this thread.
    await tick();
    if (stop()) return null;
    measurements.forEach(({ bandwidth, weights }, index) => {
      const { logits, losses } = executor.run(evalSignature(bandwidth, batch, weights), { images, labels });
      meters[index]?.add(logits as Float32Array, losses as Float32Array, labels);
      if (index === 0) onBatch?.({ images, labels, logits: logits as Float32Array });
    });
  }
  return meters.map((meter) => meter.result()) as { [Index in keyof M]: EvaluationResult };
}
