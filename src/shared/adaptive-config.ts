/**
 * An experiment: the borders between stages are decided while the run trains (shared/curriculum/adaptive.ts has the
 * rule). Named as future work by Wang et al., TPAMI 2024; the rule and its numbers are ours.
 */
import { z } from 'zod';

export const adaptiveSchema = z.strictObject({
  /** Compute over which the training loss is averaged, as a share of the run's; it is looked at after each. */
  window: z.number().gt(0).max(0.25).default(0.025),
  /** A window pays too little where it lowers the loss by less than this share of the stage's mean gain a window. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Windows in a row that have to pay too little. */
  patience: z.int().min(1).max(20).default(2),
  /** The least compute of a stage, as a multiple of its `share`. */
  min: z.number().gt(0).max(1).default(0.5),
  /** The most compute of a stage that another follows, as a multiple of its `share`. */
  max: z.number().min(1).max(10).default(1.5),
});

export type AdaptiveConfig = z.infer<typeof adaptiveSchema>;
