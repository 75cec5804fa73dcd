import type { LoadedBatch, LoaderPlan, TrainLoader } from '../../types';
import { LoaderPool } from './pool';
import { mostPushed } from './replay';
import { replayMemory } from './replay-buffer';
import { orderMemory } from './shared-orders';
import { Ring } from './shared-state';
import { freshOf, imagesBefore, placeOf } from './stream';

/**
 * Makes the loader of batches from step `startStep` on. Equal plans give equal batches, whatever the number of workers
 * and wherever they start.
 */
export function createTrainLoader(workerFile: string, plan: LoaderPlan, startStep: number): TrainLoader {
  const { samples, stages, seed, augment, size, replayImages: held } = plan;
  const batch = Math.max(...stages.map((stage) => stage.batch));
  const replays = stages.some(({ replayTimes }) => replayTimes > 1);
  // The replay buffer has room for the fresh images in flight, beside those that may be drawn.
  const fresh = Math.max(...stages.map(freshOf));
  const slotBytes = Ring.slotBytes(batch, size) + (replays ? fresh * size * size * 3 : 0);
  // The running step reads one batch, the next step another, and one is made meanwhile.
  const slots = Math.max(3, Math.min(Math.floor(plan.prefetchBytes / slotBytes), 64));
  const firstImage = imagesBefore(stages, startStep);
  const orders = samples.count > slots * batch ? orderMemory(samples.count) : null;
  const replay = replays ? { held, memory: replayMemory(mostPushed(stages, held) + (slots - 1) * fresh, size) } : null;
  const pool = new LoaderPool(
    workerFile,
    plan.workers,
    { slots, batch, size },
    { table: samples, job: { kind: 'train', seed, stages, augment, firstImage, firstStep: startStep, orders, replay } },
  );
  pool.start();
  let step = startStep;
  return {
    next(): LoadedBatch {
      const at = placeOf(stages, imagesBefore(stages, step));
      if (!at) throw new Error(`step ${step} is past the end`);
      const count = at.stage.batch;
      const number = step - startStep;
      const waitMs = pool.wait(number, count);
      const slot = number % slots;
      const { ring } = pool;
      // Labels and rectangles are copied: they are small, and their arrays must not be shared where tensors keep them.
      return {
        step: step++,
        images: ring.images(slot, count),
        labels: ring.labels(slot, count).slice(),
        erase: ring.erase(slot, count).slice(),
        waitMs,
        decoded: Atomics.load(ring.decoded, slot),
      };
    },
    release: (batchOf) => pool.release(batchOf.step - startStep),
    problems: () => pool.problems(),
    close: () => pool.close(),
  };
}
