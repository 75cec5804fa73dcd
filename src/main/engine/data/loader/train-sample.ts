/** One image of a training batch, as the loader's workers and the batch preview make it. */
import { relative } from 'node:path';
import type { AugmentOptions, LoaderStage, SampleTable } from '../../types';
import type { Rgb } from '../image/rgb';
import { eraseOf, replacementOf, trainImage } from './make-sample';
import type { NativeImages } from './native-images';
import { pathOf } from './read-image';
import { magnitudeAt, type Orders } from './stream';

export interface TrainSamples {
  table: SampleTable;
  seed: number;
  /** Side of the images. */
  size: number;
  augment: AugmentOptions;
  orders: Orders;
  native: NativeImages | null;
}

export interface TrainSample {
  /** uint8 [size, size, 3] */
  image: Rgb;
  /** Index of the sample that was read: another one where the file of the own could not be. */
  used: number;
  /** top, left, height, width in pixels of the B x B image. */
  erase: readonly [number, number, number, number];
}

export type ReportProblem = (problem: { path: string; reason: string }) => void;

/** Files that may fail in a row for one sample before the run is given up. */
const ATTEMPTS = 20;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * @param position of the image in the run's stream @param at the stage and the step that it belongs to
 * @throws where none of 20 files in a row can be read
 */
export async function trainSample(
  { table, seed, size, augment, orders, native }: TrainSamples,
  position: number,
  { stage, step }: { stage: LoaderStage; step: number },
  report: ReportProblem,
): Promise<TrainSample> {
  const { epoch, sample } = orders.sampleAt(position);
  const key = { seed, epoch, sample };
  const magnitude = magnitudeAt(stage, step);
  const erase = eraseOf(key, stage.bandwidth, augment.reprob);
  let used = sample;
  for (let attempt = 0; ; attempt++) {
    try {
      return { image: await trainImage(table, { ...key, sample: used }, size, magnitude, augment, native), used, erase };
    } catch (error) {
      const reason = reasonOf(error);
      report({ path: relative(table.root, pathOf(table, used)), reason });
      if (attempt === ATTEMPTS)
        throw new Error(`${ATTEMPTS} files in a row could not be read, the last one ${pathOf(table, used)}: ${reason}`, {
          cause: error,
        });
      used = replacementOf(table, key, attempt);
    }
  }
}
