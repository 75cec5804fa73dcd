import { setImmediate as tick } from 'node:timers/promises';
import type { EvalBatch, EvalLoader } from '../data/loader/eval-loader';
import type { Meter } from '../tasks/evaluation';
import type { Executor, HostArray, PendingRun } from '../types';

export interface EvaluateOptions {
  executor: Executor;
  loader: EvalLoader;
  /** Called before every batch; true aborts the pass. */
  stop?: () => boolean;
  /** Called with every batch and the first meter's inputs and outputs, e.g. to dump them. */
  onBatch?: (made: MadeBatch) => void;
}

export interface MadeBatch {
  batch: EvalBatch;
  /** Index of the batch's first image in the split. */
  first: number;
  inputs: Readonly<Record<string, HostArray>>;
  outputs: Readonly<Record<string, HostArray>>;
}

/** A batch that was started, once for each meter. */
interface StartedBatch {
  batch: EvalBatch;
  first: number;
  runs: { inputs: Record<string, HostArray>; pending: PendingRun }[];
}

/**
 * Makes one pass over a split without augmentation (val/* of a run: final size, crop_pct), measured by several meters
 * at once. The images are made once, so all figures are of the same ones. The next batch is taken and handed over while
 * one runs.
 * @returns false where the pass was aborted
 */
export async function evaluate(
  meters: readonly Meter[],
  { executor, loader, stop = () => false, onBatch }: EvaluateOptions,
): Promise<boolean> {
  const start = (batch: EvalBatch, first: number): StartedBatch => ({
    ...{ batch, first },
    runs: meters.map((meter) => {
      const inputs = meter.inputs(batch, first);
      return { inputs, pending: executor.start(meter.signature, inputs) };
    }),
  });
  const read = ({ batch, first, runs }: StartedBatch): void =>
    runs.forEach(({ inputs, pending }, index) => {
      const { outputs } = pending.wait();
      meters[index]?.add(outputs, batch, first);
      if (index === 0) onBatch?.({ batch, first, inputs, outputs });
    });
  let first = 0;
  let before: StartedBatch | null = null;
  for (const batch of loader.batches()) {
    // Messages and signals arrive here, because the next lines block this thread.
    await tick();
    if (stop()) {
      // The device reads the loader's memory until then.
      for (const { pending } of before?.runs ?? []) pending.wait();
      return false;
    }
    const started = start(batch, first);
    if (before) read(before);
    before = started;
    first += batch.labels.length;
  }
  if (before) read(before);
  return true;
}
