/**
 * Explains an out-of-memory failure of an evaluation with given weights: at which size and batch, and which batch would
 * fit by an estimate.
 */
import { AppError } from '../../../shared/errors';
import type { Executor } from '../../engine/types';
import { heldGpu } from '../gpu/take-device';
import { memoryOf } from '../preflight/device-memory';
import type { MemoryByBatch } from '../preflight/memory-estimate';
import { batchThatFits, estimateSentence, isOutOfMemory, saidByEngine, type Device } from '../preflight/out-of-memory';

export interface EvaluatedAt {
  /** Side of the images in pixels. */
  size: number;
  /** Number of images on the device at once. */
  batch: number;
  /** Returns memory as a line over the batch; null where it can't be estimated. */
  estimate: () => MemoryByBatch | null;
}

/** Returns the failure in a user's words; null where it had another cause than memory. */
export function inferenceOutOfMemory(
  error: unknown,
  { size, batch, estimate }: EvaluatedAt,
  device: Device,
): AppError | null {
  if (!isOutOfMemory(error)) return null;
  const line = batch > 1 ? estimate() : null;
  const fits = batch > 1 ? line && batchThatFits(line, batch, device.bytes) : 0;
  return new AppError(
    {
      code: 'engine_failed',
      what: `Evaluating ${batch === 1 ? 'one image' : `${batch} images`} of ${size} px at a time needs more memory than ${device.name} has free.`,
      why: `TensorFlow said: ${saidByEngine(error)}${estimateSentence(fits)}`,
      next: fits
        ? `Evaluate fewer images at a time: the command evaluate takes --batch ${fits}.`
        : 'End other programs that use this memory, or use a machine with more of it.',
      ...(fits ? { action: { id: 'fewer_at_once', values: { batch: fits } } } : {}),
    },
    { cause: error },
  );
}

/** Wraps an executor so that running out of memory is reported in a user's words. */
export function sayingMemory(executor: Executor, at: EvaluatedAt): Executor {
  const told = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw inferenceOutOfMemory(error, at, memoryOf(heldGpu())) ?? error;
    }
  };
  return {
    kind: executor.kind,
    write: (values) => told(() => executor.write(values)),
    read: (names) => executor.read(names),
    start: (signature, inputs) => {
      const pending = told(() => executor.start(signature, inputs));
      return { wait: () => told(() => pending.wait()) };
    },
    run: (signature, inputs) => told(() => executor.run(signature, inputs)),
    prepare: (signature) => executor.prepare(signature),
    dispose: () => executor.dispose(),
  };
}
