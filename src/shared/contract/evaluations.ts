/** Measured accuracy by class, and predictions. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';

export const parityOf = z.object({ max_abs_diff: z.number(), images: z.number() });

export const predictionSchema = z.object({
  path: z.string(),
  top5: z.array(z.object({ class: z.string(), probability: z.number() })),
  /** Why the image could not be read; then there are no classes. */
  problem: z.string().nullable(),
});

export const evaluationSchema = z.object({
  step: z.number(),
  weights: z.enum(['raw', 'ema']),
  per_class: z.array(z.object({ correct: z.number(), count: z.number() })),
  /**
   * Non-empty cells, one after the other: label, prediction, images. A thousand classes have a million cells, most of
   * them empty.
   */
  confusion: z.array(z.number()),
});

export type EvaluationInfo = z.infer<typeof evaluationSchema>;

const learnedStage = z.object({ stage: z.number(), bandwidth: z.number(), step: z.number(), count: z.number() });

export const learningOrderSchema = z.object({
  /** Stages with an evaluation so far: `count` images stayed right from this one on. */
  stages: z.array(learnedStage),
  /** Number of images that are wrong in the last one. */
  never: z.number(),
  total: z.number(),
  /** Number of images that one of the evaluations could not read; null where the dataset has been removed. */
  unread: z.number().nullable(),
  /**
   * For each class, the number of images of each stage and, after them, of those never learned; empty where the dataset
   * has been removed.
   */
  per_class: z.array(z.array(z.number())),
});

export type LearningOrderInfo = z.infer<typeof learningOrderSchema>;

const ofWeights = z.strictObject({ run: id, weights: z.enum(['raw', 'ema']) });

export const evaluationCalls = {
  /**
   * Returns the last evaluation of a run's weights, or that of the run's best step; null before the first. Where the
   * best step has none of these weights it is the last one: `step` says which.
   */
  'evaluations.last': call(
    z.strictObject({ run: id, weights: z.enum(['raw', 'ema']), at: z.enum(['best', 'last']).default('last') }),
    evaluationSchema.nullable(),
  ),
  /**
   * Returns the learning order by the last evaluation of each stage; null where evaluations have not kept which images
   * were right.
   */
  'evaluations.learning_order': call(ofWeights, learningOrderSchema.nullable()),
  /**
   * Returns validation images that stayed right from a stage of this bandwidth on (null: never learned), of one class
   * or all.
   */
  'evaluations.learned_images': call(
    ofWeights.extend({
      bandwidth: z.int().nullable(),
      label: z.int().nullable().default(null),
      offset: z.int().min(0),
      limit: z.int().min(1).max(120),
    }),
    z.object({ total: z.number(), images: z.array(z.object({ path: z.string(), label: z.number() })) }),
  ),
};
