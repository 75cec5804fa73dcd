/** Where a position of the sample stream lies. Batches are cut from one endless stream of seeded permutations; a stage border restarts nothing. */
import { permutation, rngOf, textKey, type Rng } from '../../../../shared/random';
import type { LoaderStage } from '../../types';

const SHUFFLE = textKey('shuffle');

export interface Place {
  stage: LoaderStage;
  step: number;
  /** Within the batch. */
  index: number;
}

/** Images before a step. */
export function imagesBefore(stages: readonly LoaderStage[], step: number): number {
  return stages.reduce((sum, { firstStep, steps, batch }) => sum + Math.min(Math.max(step - firstStep, 0), steps) * batch, 0);
}

export function placeOf(stages: readonly LoaderStage[], position: number): Place | null {
  let before = 0;
  for (const stage of stages) {
    const images = stage.steps * stage.batch;
    if (position < before + images) {
      const within = position - before;
      return { stage, step: stage.firstStep + Math.floor(within / stage.batch), index: within % stage.batch };
    }
    before += images;
  }
  return null;
}

/** Where the sample of a position is looked up. */
export interface Orders {
  sampleAt: (position: number) => { epoch: number; sample: number };
}

/** Orders of the epochs in use, of a worker's own; a worker is never more than two epochs wide. */
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

/** RandAugment's magnitude at a step, linear within the stage. */
export function magnitudeAt({ magnitude, magnitudeEnd, firstStep, steps }: LoaderStage, step: number): number {
  return steps < 2 ? magnitude : magnitude + ((magnitudeEnd - magnitude) * (step - firstStep)) / (steps - 1);
}
