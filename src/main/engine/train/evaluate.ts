import { setImmediate as tick } from 'node:timers/promises';
import type { EvalBatch, EvalLoader } from '../data/loader/eval-loader';
import type { Meter } from '../tasks/evaluation';
import type { Executor, HostArray } from '../types';

export interface EvaluateOptions {
  executor: Executor;
  loader: EvalLoader;
  /** Asked before every batch: true gives the pass up. */
  stop?: () => boolean;
  /** Sees every batch with the first meter's inputs and outputs, e.g. to dump them. */
  onBatch?: (made: MadeBatch) => void;
}

export interface MadeBatch {
  batch: EvalBatch;
  /** Index of the batch's first image in the split. */
  first: number;
  inputs: Readonly<Record<string, HostArray>>;
  outputs: Readonly<Record<string, HostArray>>;
}

/**
 * One pass over a split without augmentation (val/* of a run: final size, crop_pct), measured by several meters at once: the images
 * are made once, and all figures are of the same ones.
 * @returns false where the pass was given up
 */
export async function evaluate(
  meters: readonly Meter[],
  { executor, loader, stop = () => false, onBatch }: EvaluateOptions,
): Promise<boolean> {
  let first = 0;
  for (const batch of loader.batches()) {
    // Lets messages and signals in: what follows blocks this thread.
    await tick();
    if (stop()) return false;
    meters.forEach((meter, index) => {
      const inputs = meter.inputs(batch, first);
      const outputs = executor.run(meter.signature, inputs);
      meter.add(outputs, batch, first);
      if (index === 0) onBatch?.({ batch, first, inputs, outputs });
    });
    first += batch.labels.length;
  }
  return true;
}
