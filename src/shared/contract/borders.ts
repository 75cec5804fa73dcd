/** Decisions of an adaptive run about where its stages end. */
import { z } from 'zod';

export const borderDecisionSchema = z.object({
  /** From 0. */
  stage: z.number(),
  bandwidth: z.number(),
  /** Finished steps of the run at the stage's end. */
  step: z.number(),
  /** Of the run's compute that the stage has had. */
  share: z.number(),
  /** `longest`: its bounds gave it no more. */
  reason: z.enum(['pays_too_little', 'longest']),
  /** How much each of the last windows lowered the training loss, oldest first. */
  gains: z.array(z.number()),
  /** The mean of the stage's windows; null where it had fewer than two. */
  mean_gain: z.number().nullable(),
  /** A window paid too little below this share of the mean. */
  threshold: z.number(),
});

export type BorderDecision = z.infer<typeof borderDecisionSchema>;

/** Kind of the event whose data is a decision. */
export const BORDER_EVENT = 'border';
