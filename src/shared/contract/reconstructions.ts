/** Predictions of a masked autoencoder for eight fixed images after an evaluation. A job of the quick lane. */
import { z } from 'zod';
import { id, picture } from './common';

/**
 * Columns in the order in which they are shown. `seen`: at the bandwidth of the stage; `wanted`: the target, where that
 * is no picture.
 */
export const RECONSTRUCTION_COLUMNS = ['original', 'seen', 'masked', 'wanted', 'prediction', 'whole', 'error'] as const;

export type ReconstructionColumn = (typeof RECONSTRUCTION_COLUMNS)[number];

export const reconstructionsArgs = z.strictObject({
  run: id,
  weights: z.enum(['raw', 'ema']).default('raw'),
  /** Finished steps of the evaluation; null: the newest. */
  step: z.int().min(0).nullable().default(null),
});

export const reconstructionsResult = z.object({
  /** Finished steps of all evaluations that have reconstructions, in order. */
  steps: z.array(z.number()),
  /** The reconstructions of the requested evaluation; null before the first. */
  shown: z
    .object({
      step: z.number(),
      /** The stage that trained up to this evaluation, from 0, and its bandwidth in px. */
      stage: z.number(),
      bandwidth: z.number(),
      target: z.enum(['pixels', 'hog']),
      columns: z.array(z.enum(RECONSTRUCTION_COLUMNS)),
      images: z.array(
        z.object({
          path: z.string(),
          /** Why the file can't be read now; then the pictures made of it are missing. */
          problem: z.string().nullable(),
          /** Mean squared error over its masked patches; null where it is not a number. */
          loss: z.number().nullable(),
          pictures: z.partialRecord(z.enum(RECONSTRUCTION_COLUMNS), picture),
        }),
      ),
    })
    .nullable(),
});

export type Reconstructed = NonNullable<z.output<typeof reconstructionsResult>['shown']>;
