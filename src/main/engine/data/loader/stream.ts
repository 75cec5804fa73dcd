/**
 * Places positions of the sample stream in batches. Fresh images are cut from one endless stream of seeded
 * permutations; a stage border restarts nothing.
 */
import { permutation, rngOf, textKey, type Rng } from '../../../../shared/random';
import { freshImages } from '../../../../shared/curriculum/replay';
import type { LoaderStage } from '../../types';

const SHUFFLE = textKey('shuffle');

export interface Place {
  stage: LoaderStage;
  step: number;
  /** Index within the batch. */
  index: number;
}

type ImagesOf = (stage: LoaderStage) => number;

const trained: ImagesOf = ({ batch }) => batch;

/** Returns how many images of a stage's batch are prepared anew. */
export const freshOf: ImagesOf = ({ batch, replayTimes }) => freshImages(batch, replayTimes);

function before(stages: readonly LoaderStage[], step: number, imagesOf: ImagesOf): number {
  return stages.reduce(
    (sum, stage) => sum + Math.min(Math.max(step - stage.firstStep, 0), stage.steps) * imagesOf(stage),
    0,
  );
}

function placeIn(stages: readonly LoaderStage[], position: number, imagesOf: ImagesOf): Place | null {
  let passed = 0;
  for (const stage of stages) {
    const each = imagesOf(stage);
    if (position < passed + stage.steps * each) {
      const within = position - passed;
      return { stage, step: stage.firstStep + Math.floor(within / each), index: within % each };
    }
    passed += stage.steps * each;
  }
  return null;
}

/** Returns how many images the batches before a step hold. */
export const imagesBefore = (stages: readonly LoaderStage[], step: number): number => before(stages, step, trained);

/** Returns how many fresh images come before a step: its position in the sample stream. */
export const freshBefore = (stages: readonly LoaderStage[], step: number): number => before(stages, step, freshOf);

/** Returns the batch of an image and its place in it, counted over the images of all batches. */
export const placeOf = (stages: readonly LoaderStage[], image: number): Place | null => placeIn(stages, image, trained);

/** Returns the step at which a position of the sample stream is fresh. */
export const originOf = (stages: readonly LoaderStage[], position: number): Place | null =>
  placeIn(stages, position, freshOf);

/** Looks up the sample of a position. */
export interface Orders {
  sampleAt: (position: number) => { epoch: number; sample: number };
}

/** Orders of the epochs in use, of one worker. When a newer epoch comes, all but the one before it are dropped. */
export class EpochOrders implements Orders {
  private readonly orders = new Map<number, Uint32Array>();

  constructor(
    private readonly count: number,
    private readonly seed: number,
  ) {}

  sampleAt(position: number): { epoch: number; sample: number } {
    const epoch = Math.floor(position / this.count);
    let order = this.orders.get(epoch);
    if (!order) {
      order = permutation(this.count, orderRng(this.seed, epoch));
      this.orders.set(epoch, order);
      for (const kept of this.orders.keys()) if (kept < epoch - 1) this.orders.delete(kept);
    }
    return { epoch, sample: order[position % this.count] as number };
  }
}

export const orderRng = (seed: number, epoch: number): Rng => rngOf(seed, SHUFFLE, epoch);

/** Returns RandAugment's magnitude at a step, linear within the stage. */
export function magnitudeAt({ magnitude, magnitudeEnd, firstStep, steps }: LoaderStage, step: number): number {
  return steps < 2 ? magnitude : magnitude + ((magnitudeEnd - magnitude) * (step - firstStep)) / (steps - 1);
}
