/** Decisions of an adaptive run about the ends of its stages. */
import { z } from 'zod';

export const borderDecisionSchema = z.object({
  /** Index of the stage, from 0. */
  stage: z.number(),
  bandwidth: z.number(),
  /** Finished steps of the run at the stage's end. */
  step: z.number(),
  /** The stage's share of the run's compute. */
  share: z.number(),
  /** `longest`: the stage has reached its upper bound. */
  reason: z.enum(['pays_too_little', 'longest']),
  /** By how much each of the last windows lowered the training loss, oldest first. */
  gains: z.array(z.number()),
  /** Mean gain of the stage's windows; null where it had fewer than two windows. */
  mean_gain: z.number().nullable(),
  /** A window's gain is too small below this share of the mean gain. */
  threshold: z.number(),
});

export type BorderDecision = z.infer<typeof borderDecisionSchema>;

/** Kind of the event whose data is a decision. */
export const BORDER_EVENT = 'border';
