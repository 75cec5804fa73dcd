import { NO_IMAGE } from '../../../../shared/labels';
import type { SampleTable } from '../../types';
import { LoaderPool, type LoaderProblem } from './pool';
import { Ring } from './shared-state';

export interface EvalLoaderPlan {
  samples: SampleTable;
  size: number;
  cropPct: number;
  interpolation: 'bicubic' | 'bilinear';
  batch: number;
  workers: number;
  /** The views are kept after a pass that could read all of them, if they fit in so many bytes. */
  keepBytes: number;
}

export interface EvalBatch {
  /** uint8 [batch, size, size, 3] */
  images: Uint8Array;
  /** [batch]; NO_IMAGE where there is no image, UNLABELLED where the image has no label. */
  labels: Int32Array;
}

export interface EvalLoader {
  /**
   * Yields every sample once, in the table's order; the last batch is padded. A batch is valid until the second one
   * after it is asked for, or the next pass begins. Images that could not be read in one pass are tried again in the
   * next.
   */
  batches(): Generator<EvalBatch>;
  problems(): LoaderProblem[];
  close(): Promise<void>;
}

export function createEvalLoader(workerFile: string, plan: EvalLoaderPlan): EvalLoader {
  const { samples, size, cropPct, interpolation, batch } = plan;
  const slots = 4;
  const count = Math.ceil(samples.count / batch);
  const pool = new LoaderPool(
    workerFile,
    plan.workers,
    { slots, batch, size },
    { table: samples, job: { kind: 'evaluate', batch, cropPct, filter: interpolation } },
  );
  const keep = count * Ring.slotBytes(batch, size) <= plan.keepBytes;
  const kept: EvalBatch[] = [];
  const isWhole = (labels: Int32Array, number: number): boolean =>
    !labels.subarray(0, samples.count - number * batch).includes(NO_IMAGE);
  function* fresh(): Generator<EvalBatch> {
    let whole = true;
    pool.start();
    try {
      for (let number = 0; number < count; number++) {
        pool.wait(number, batch);
        const slot = number % slots;
        const made = { images: pool.ring.images(slot, batch), labels: pool.ring.labels(slot, batch).slice() };
        whole &&= isWhole(made.labels, number);
        if (keep && whole) kept.push({ images: made.images.slice(), labels: made.labels });
        yield made;
        if (number > 0) pool.release(number - 1);
      }
    } finally {
      // This also runs where the reader has left in the middle.
      pool.finish(count * batch);
    }
  }
  return {
    *batches() {
      if (kept.length === count) yield* kept;
      else {
        kept.length = 0;
        yield* fresh();
      }
    },
    problems: () => pool.problems(),
    close: () => pool.close(),
  };
}
