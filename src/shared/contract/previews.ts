/**
 * Pictures of the model's inputs. They are jobs of the quick lane, which run beside training and answer in well under a
 * second.
 */
import { z } from 'zod';
import { filterSchema, runConfigSchema } from '../run-config';
import { id, picture } from './common';

export const stageViewsArgs = z.strictObject({
  dataset: id,
  /** Path of an image of the dataset; null: one drawn with `seed`. */
  path: z.string().nullable().default(null),
  seed: z.int().min(0).default(0),
  size: z.int().min(8).max(1024),
  mode: z.enum(['crop', 'resize']).default('crop'),
  data: runConfigSchema.shape.data.unwrap().partial().default({}),
  stages: z
    .array(z.strictObject({ bandwidth: z.int().min(1), magnitude: z.number() }))
    .min(1)
    .max(32),
});

export const stageViewsResult = z.object({
  path: z.string(),
  original: picture,
  views: z.array(
    z.object({
      bandwidth: z.number(),
      /** The image augmented at the final size, then cropped in the spectrum: `bandwidth` px wide, at most 320. */
      picture,
      /**
       * Log magnitude of the augmented image's spectrum, zero frequency in the middle: the kept square is the central
       * `bandwidth` of `size`.
       */
      spectrum: picture,
      /** Share of the image's energy (mean removed) inside the kept square, 0..1. */
      energy: z.number(),
    }),
  ),
});

export const filterViewsArgs = z.strictObject({
  dataset: id,
  /** Path of an image of it; null: one drawn with `seed`. */
  path: z.string().nullable().default(null),
  seed: z.int().min(0).default(0),
  size: z.int().min(8).max(1024),
  filters: z.array(filterSchema.nullable()).min(1).max(16),
});

export const filterViewsResult = z.object({
  path: z.string(),
  /** Log magnitude of the unfiltered image's spectrum, zero frequency in the middle. */
  spectrum: picture,
  /** The image as an evaluation prepares it; a high-passed one is shown around grey. */
  views: z.array(z.object({ filter: filterSchema.nullable(), picture })),
});

export const batchArgs = z.strictObject({
  run: id,
  /** Number of finished steps; null: the run's current step. */
  step: z.int().min(0).nullable().default(null),
  most: z.int().min(1).max(64).default(16),
});

export const batchResult = z.object({
  step: z.number(),
  stage: z.number(),
  bandwidth: z.number(),
  /** Number of images in the whole batch. */
  batch: z.number(),
  /** RandAugment's magnitude; null where images are augmented without it. */
  magnitude: z.number().nullable(),
  mixed: z.enum(['none', 'mixup', 'cutmix']),
  /** Weight of an image's own label where they are mixed. */
  lam: z.number(),
  /**
   * `label` is its class, or its file's name where the dataset has no classes. `with` is the label that it is mixed
   * with.
   */
  images: z.array(z.object({ picture, path: z.string(), label: z.string(), with: z.string().nullable() })),
});
