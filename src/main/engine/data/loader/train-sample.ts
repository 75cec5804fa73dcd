/** Makes one image of a training batch, for the loader's workers and the batch preview. */
import { relative } from 'node:path';
import type { AugmentOptions, SampleTable } from '../../types';
import type { Rgb } from '../image/rgb';
import { eraseOf, eraseOfUse, replacementOf, trainImage } from './make-sample';
import type { NativeImages } from './native-images';
import { pathOf } from './read-image';
import { freshOf, magnitudeAt, type Orders, type Place } from './stream';

export interface TrainSamples {
  table: SampleTable;
  seed: number;
  /** Side of the images. */
  size: number;
  augment: AugmentOptions;
  orders: Orders;
  native: NativeImages | null;
}

export interface TrainView {
  /** uint8 [size, size, 3] */
  image: Rgb;
  /** Index of the sample that was read, which is another one where its own file could not be. */
  used: number;
}

export type ReportProblem = (problem: { path: string; reason: string }) => void;

/** Number of files that may fail in a row for one sample before the run fails. */
const ATTEMPTS = 20;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Makes the view of one image.
 * @param position of the image in the run's stream @param at the stage and the step at which it is fresh
 * @throws where none of 20 files in a row can be read
 */
export async function trainView(
  { table, seed, size, augment, orders, native }: TrainSamples,
  position: number,
  { stage, step }: Pick<Place, 'stage' | 'step'>,
  report: ReportProblem,
): Promise<TrainView> {
  const { epoch, sample } = orders.sampleAt(position);
  const key = { seed, epoch, sample };
  const magnitude = magnitudeAt(stage, step);
  let used = sample;
  for (let attempt = 0; ; attempt++) {
    try {
      return { image: await trainImage(table, { ...key, sample: used }, size, magnitude, augment, native), used };
    } catch (error) {
      const reason = reasonOf(error);
      report({ path: relative(table.root, pathOf(table, used)), reason });
      if (attempt === ATTEMPTS)
        throw new Error(
          `${ATTEMPTS} files in a row could not be read, the last one ${pathOf(table, used)}: ${reason}`,
          {
            cause: error,
          },
        );
      used = replacementOf(table, key, attempt);
    }
  }
}

/**
 * Returns the rectangle to erase in an image of a batch: top, left, height, width in pixels of the B x B image.
 * @param position of the image in the run's stream @param at its place in the batch that uses it
 */
export function eraseIn(
  { seed, augment, orders }: Pick<TrainSamples, 'seed' | 'augment' | 'orders'>,
  position: number,
  { stage, step, index }: Place,
): readonly [number, number, number, number] {
  const { bandwidth } = stage;
  if (index >= freshOf(stage)) return eraseOfUse({ seed, step, index }, bandwidth, augment.reprob);
  return eraseOf({ seed, ...orders.sampleAt(position) }, bandwidth, augment.reprob);
}
