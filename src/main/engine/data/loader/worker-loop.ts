/** What a loader's worker thread does until it is stopped. */
import { relative } from 'node:path';
import { NO_IMAGE } from '../../../../shared/labels';
import type { AugmentOptions, LoaderStage, SampleTable } from '../../types';
import type { Rgb } from '../image/rgb';
import { evaluationImage } from './make-sample';
import { nativeImages } from './native-images';
import { pathOf } from './read-image';
import { COUNTER, Ring, type RingShape } from './shared-state';
import { SharedOrders, type OrderMemory } from './shared-orders';
import { EpochOrders, placeOf, type Orders } from './stream';
import { reasonOf, trainSample, type ReportProblem, type TrainSamples } from './train-sample';

export type Job =
  | {
      kind: 'train';
      seed: number;
      stages: readonly LoaderStage[];
      augment: AugmentOptions;
      firstPosition: number;
      firstStep: number;
      /** Null where each worker makes its own orders: of a dataset with fewer images than can be on their way. */
      orders: OrderMemory | null;
    }
  | { kind: 'evaluate'; batch: number; cropPct: number; filter: 'bicubic' | 'bilinear' };

export interface WorkerPlan {
  buffer: SharedArrayBuffer;
  shape: RingShape;
  table: SampleTable;
  job: Job;
}

interface Target {
  batchNumber: number;
  index: number;
  batch: number;
}

export async function runWorker({ buffer, shape, table, job }: WorkerPlan, report: ReportProblem): Promise<void> {
  const ring = new Ring(buffer, shape);
  const { counters } = ring;
  const make = job.kind === 'train' ? trainMaker(ring, table, job, report) : evaluationMaker(ring, table, job, report);
  const stopped = (): boolean => Atomics.load(counters, COUNTER.stop) === 1;
  try {
    for (let generation = 0; !stopped(); generation++) {
      while (Atomics.load(counters, COUNTER.generation) <= generation && !stopped())
        Atomics.wait(counters, COUNTER.generation, generation, 1000);
      while (!stopped() && (await makeNext(ring, make, stopped)));
    }
  } catch (error) {
    ring.fail(reasonOf(error));
  }
}

/** Takes the next position and makes its image; false at the end. */
async function makeNext(ring: Ring, make: Maker, stopped: () => boolean): Promise<boolean> {
  const { counters, made, shape } = ring;
  Atomics.add(counters, COUNTER.busy, 1);
  try {
    const position = ring.takePosition();
    const target = make.target(position);
    if (!target || !waitForSlot(ring, target.batchNumber, stopped)) return false;
    await make.fill(position, target);
    const slot = target.batchNumber % shape.slots;
    if (Atomics.add(made, slot, 1) + 1 === target.batch) Atomics.notify(made, slot);
    return true;
  } finally {
    Atomics.sub(counters, COUNTER.busy, 1);
    Atomics.notify(counters, COUNTER.busy);
  }
}

/** False if the loader is being closed. */
function waitForSlot({ counters, shape }: Ring, batchNumber: number, stopped: () => boolean): boolean {
  for (;;) {
    const released = Atomics.load(counters, COUNTER.released);
    if (stopped()) return false;
    if (batchNumber < released + shape.slots) return true;
    Atomics.wait(counters, COUNTER.released, released, 1000);
  }
}

interface Maker {
  /** Null past the end. */
  target: (position: number) => Target | null;
  fill: (position: number, target: Target) => Promise<void>;
}

function place(
  ring: Ring,
  { batchNumber, index, batch }: Target,
  image: Rgb,
  label: number,
  erase: readonly number[] | null,
): void {
  const slot = batchNumber % ring.shape.slots;
  ring.labels(slot, batch)[index] = label;
  if (erase) ring.erase(slot, batch).set(erase, index * 4);
  ring.images(slot, batch).set(image.data, index * image.data.length);
}

function trainMaker(ring: Ring, table: SampleTable, job: Extract<Job, { kind: 'train' }>, report: ReportProblem): Maker {
  const orders: Orders = job.orders ? new SharedOrders(job.orders, job.seed) : new EpochOrders(table.count, job.seed);
  const samples: TrainSamples = {
    ...{ table, seed: job.seed, size: ring.shape.size, augment: job.augment, orders, native: nativeImages() },
  };
  const placed = (position: number): ReturnType<typeof placeOf> => placeOf(job.stages, job.firstPosition + position);
  return {
    target: (position) => {
      const at = placed(position);
      return at && { batchNumber: at.step - job.firstStep, index: at.index, batch: at.stage.batch };
    },
    fill: async (position, target) => {
      const at = placed(position);
      if (!at) throw new Error('a position past the end');
      const { image, used, erase } = await trainSample(samples, job.firstPosition + position, at, report);
      place(ring, target, image, table.labels[used] as number, erase);
    },
  };
}

function evaluationMaker(
  ring: Ring,
  table: SampleTable,
  { batch, cropPct, filter }: Extract<Job, { kind: 'evaluate' }>,
  report: ReportProblem,
): Maker {
  const total = Math.ceil(table.count / batch) * batch;
  const { size } = ring.shape;
  const native = nativeImages();
  const padding: Rgb = { data: new Uint8Array(size * size * 3), width: size, height: size };
  return {
    target: (position) =>
      position < total ? { batchNumber: Math.floor(position / batch), index: position % batch, batch } : null,
    fill: async (position, target) => {
      if (position >= table.count) return place(ring, target, padding, NO_IMAGE, null);
      try {
        place(
          ring,
          target,
          await evaluationImage(table, position, size, cropPct, filter, native),
          table.labels[position] as number,
          null,
        );
      } catch (error) {
        // An evaluation must not replace a file by another: it is left out and said.
        report({ path: relative(table.root, pathOf(table, position)), reason: reasonOf(error) });
        place(ring, target, padding, NO_IMAGE, null);
      }
    },
  };
}
