/** The loop of a loader's worker thread, until it is stopped. */
import { relative } from 'node:path';
import { NO_IMAGE } from '../../../../shared/labels';
import type { AugmentOptions, LoaderStage, SampleTable } from '../../types';
import type { Rgb } from '../image/rgb';
import { evaluationImage } from './make-sample';
import { nativeImages } from './native-images';
import { pathOf } from './read-image';
import { COUNTER, Ring, type RingShape } from './shared-state';
import { sourceOf } from './replay';
import { ReplayBuffer, type HeldImage, type ReplayMemory } from './replay-buffer';
import { SharedOrders, type OrderMemory } from './shared-orders';
import { EpochOrders, freshBefore, originOf, placeOf, type Place } from './stream';
import { eraseIn, reasonOf, trainView, type ReportProblem, type TrainSamples } from './train-sample';

export type Job =
  | {
      kind: 'train';
      seed: number;
      stages: readonly LoaderStage[];
      augment: AugmentOptions;
      /** Number of images in the batches before the first. */
      firstImage: number;
      firstStep: number;
      /** Shared orders; null where each worker makes its own, for a dataset with fewer images than can be in flight. */
      orders: OrderMemory | null;
      /** The replay buffer; null where no stage replays. */
      replay: { held: number; memory: ReplayMemory } | null;
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
  const stopped = (): boolean => Atomics.load(counters, COUNTER.stop) === 1;
  const make =
    job.kind === 'train'
      ? trainMaker(ring, table, job, { report, stopped })
      : evaluationMaker(ring, table, job, report);
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

/** Takes the next position and makes its image; returns false at the end. */
async function makeNext(ring: Ring, make: Maker, stopped: () => boolean): Promise<boolean> {
  const { counters, made, shape } = ring;
  Atomics.add(counters, COUNTER.busy, 1);
  try {
    const position = ring.takePosition();
    const target = make.target(position);
    if (!target || !waitForSlot(ring, target.batchNumber, stopped)) return false;
    const filled = await make.fill(position, target);
    if (filled === null) return false;
    const slot = target.batchNumber % shape.slots;
    if (filled.decoded) Atomics.add(ring.decoded, slot, 1);
    if (Atomics.add(made, slot, 1) + 1 === target.batch) Atomics.notify(made, slot);
    return true;
  } finally {
    Atomics.sub(counters, COUNTER.busy, 1);
    Atomics.notify(counters, COUNTER.busy);
  }
}

/** Waits for a free slot; returns false if the loader is being closed. */
function waitForSlot({ counters, shape }: Ring, batchNumber: number, stopped: () => boolean): boolean {
  for (;;) {
    const released = Atomics.load(counters, COUNTER.released);
    if (stopped()) return false;
    if (batchNumber < released + shape.slots) return true;
    Atomics.wait(counters, COUNTER.released, released, 1000);
  }
}

interface Maker {
  /** Returns the target of a position; null past the end. */
  target: (position: number) => Target | null;
  /** Fills the target; returns null where the loader is being closed. */
  fill: (position: number, target: Target) => Promise<{ decoded: boolean } | null>;
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

interface TrainWorker {
  report: ReportProblem;
  stopped: () => boolean;
}

type TrainJob = Extract<Job, { kind: 'train' }>;

/** Returns a function that makes the image of a position of the stream. */
function viewMaker(
  { table, seed, augment, size, native }: Omit<TrainSamples, 'orders'>,
  { stages, firstStep, orders: shared }: TrainJob,
  report: ReportProblem,
): { samples: TrainSamples; make: (position: number) => Promise<HeldImage> } {
  const own = new EpochOrders(table.count, seed);
  const samples = { table, seed, augment, size, native, orders: shared ? new SharedOrders(shared, seed) : own };
  const first = freshBefore(stages, firstStep);
  return {
    samples,
    make: async (position) => {
      const origin = originOf(stages, position);
      if (!origin) throw new Error('a position past the end');
      // The images before the start that a resumed run draws may be of epochs that are no longer shared; its log
      // already names those that can't be read.
      const [of, tell] = position < first ? [{ ...samples, orders: own }, () => undefined] : [samples, report];
      const { image, used } = await trainView(of, position, origin, tell);
      return { image, label: table.labels[used] as number };
    },
  };
}

function trainMaker(ring: Ring, table: SampleTable, job: TrainJob, { report, stopped }: TrainWorker): Maker {
  const { stages, seed, augment, replay } = job;
  const { samples, make } = viewMaker(
    { table, seed, augment, size: ring.shape.size, native: nativeImages() },
    job,
    report,
  );
  const buffer = replay && new ReplayBuffer(replay.memory, ring.shape.size, stopped);
  const placed = (position: number): Place | null => placeOf(stages, job.firstImage + position);
  return {
    target: (position) => {
      const at = placed(position);
      return at && { batchNumber: at.step - job.firstStep, index: at.index, batch: at.stage.batch };
    },
    fill: async (position, target) => {
      const at = placed(position);
      if (!at) throw new Error('a position past the end');
      const from = sourceOf({ stages, seed, held: replay?.held ?? 0 }, at);
      const replays = buffer && at.stage.replayTimes > 1;
      const found = replays ? await buffer.take(from, () => make(from)) : { ...(await make(from)), made: true };
      if (found) place(ring, target, found.image, found.label, eraseIn(samples, from, at));
      return found && { decoded: found.made };
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
      if (position >= table.count) place(ring, target, padding, NO_IMAGE, null);
      else {
        try {
          const image = await evaluationImage(table, position, size, cropPct, filter, native);
          place(ring, target, image, table.labels[position] as number, null);
        } catch (error) {
          // An evaluation must not replace a file by another: it is left out and reported.
          report({ path: relative(table.root, pathOf(table, position)), reason: reasonOf(error) });
          place(ring, target, padding, NO_IMAGE, null);
        }
      }
      return { decoded: position < table.count };
    },
  };
}
