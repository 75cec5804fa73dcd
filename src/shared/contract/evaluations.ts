/** Measured accuracy by class, and predictions. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';

export const parityOf = z.object({ max_abs_diff: z.number(), images: z.number() });

export const predictionSchema = z.object({
  path: z.string(),
  top5: z.array(z.object({ class: z.string(), probability: z.number() })),
  /** Why it could not be read; then there are no classes. */
  problem: z.string().nullable(),
});

export const evaluationSchema = z.object({
  step: z.number(),
  weights: z.enum(['raw', 'ema']),
  per_class: z.array(z.object({ correct: z.number(), count: z.number() })),
  /**
   * Cells that are not empty, one after the other: label, prediction, images. A thousand classes have a million cells,
   * most of them empty.
   */
  confusion: z.array(z.number()),
});

export type EvaluationInfo = z.infer<typeof evaluationSchema>;

export const evaluationCalls = {
  /**
   * The last evaluation of a run's weights, or that of the run's best step; null before the first. Where the best step
   * has left none of these weights it is the last one: `step` says which.
   */
  'evaluations.last': call(
    z.strictObject({ run: id, weights: z.enum(['raw', 'ema']), at: z.enum(['best', 'last']).default('last') }),
    evaluationSchema.nullable(),
  ),
};
