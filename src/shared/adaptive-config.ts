/**
 * An experiment: the borders between stages are decided during training (shared/curriculum/adaptive.ts has the rule).
 * Wang et al. (TPAMI 2024) name this as future work; the rule and its numbers are ours.
 */
import { z } from 'zod';

export const adaptiveSchema = z.strictObject({
  /**
   * Compute of a window, as a share of the run's. The training loss is averaged over each window, and the border is
   * decided after each.
   */
  window: z.number().gt(0).max(0.25).default(0.025),
  /** A window's gain is too small below this share of the stage's mean gain per window. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Number of consecutive windows with too small a gain that end a stage. */
  patience: z.int().min(1).max(20).default(2),
  /** Least compute of a stage, as a multiple of its `share`. */
  min: z.number().gt(0).max(1).default(0.5),
  /** Largest compute of a stage, except the last, as a multiple of its `share`. */
  max: z.number().min(1).max(10).default(1.5),
});

export type AdaptiveConfig = z.infer<typeof adaptiveSchema>;
