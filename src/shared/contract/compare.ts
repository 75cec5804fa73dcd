/** Comparison of runs, and the papers' published rows. */
import { z } from 'zod';
import { call } from './call';
import { bestSchema, id, noArgs } from './common';

export const comparedRunSchema = z.object({
  id,
  name: z.string(),
  state: z.string(),
  model: z.string(),
  dataset: z.string(),
  preset: z.string(),
  step: z.number(),
  steps: z.number(),
  seconds: z.number(),
  equivalent_epochs: z.number(),
  /** Compute until its last step. */
  equivalent_epochs_done: z.number(),
  best: bestSchema.nullable(),
  /** Number of images on which its accuracy was last measured; null before its first evaluation. */
  val_images: z.number().nullable(),
  /** How its time was spent, in seconds (src/shared/time-spent.ts); null before the first step. */
  time_spent: z
    .object({
      total: z.number(),
      ideal: z.number(),
      small_size: z.number(),
      loader: z.number(),
      other: z.number(),
      outside: z.number(),
    })
    .nullable(),
});

export const comparedMetricSchema = z.object({
  count: z.number(),
  last: z.number(),
  last_step: z.number(),
  min: z.number(),
  max: z.number(),
  /** The lowest loss, the highest accuracy or throughput; null where neither direction is better. */
  best: z.number().nullable(),
  best_step: z.number().nullable(),
  /** Difference from the baseline; null for what one of the two doesn't have. */
  delta_last: z.number().nullable(),
  delta_best: z.number().nullable(),
});

const costRange = z.tuple([z.number(), z.number().nullable()]);

export const costSchema = z.object({
  step: z.number(),
  seconds: z.number(),
  equivalent_epochs: z.number(),
  /** The baseline's value over this run's: above 1 is cheaper. */
  speedup_seconds: z.number().nullable(),
  speedup_compute: z.number().nullable(),
  /** The least and the most that it has cost, by the measuring error; null: no upper end. */
  range_seconds: costRange,
  range_compute: costRange,
  /** Whether its range and the baseline's meet: then no speed-up is shown. */
  noisy_seconds: z.boolean(),
  noisy_compute: z.boolean(),
});

export const comparisonSchema = z.object({
  baseline: id,
  runs: z.array(comparedRunSchema),
  /** Maps dotted field -> run id -> value, where not all are equal. */
  config_differences: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** Maps metric -> run id -> figures; null where a run doesn't have it. */
  metrics: z.record(z.string(), z.record(z.string(), comparedMetricSchema.nullable())),
  /**
   * Cost of an accuracy for each run that has reached it (src/shared/same-accuracy.ts); null where none was chosen and
   * a run has none. `images`: the fewest that any run was measured on; `margin`: half the accuracy's 95 % interval on
   * so many (Wilson).
   */
  same_accuracy: z
    .object({
      metric: z.string(),
      value: z.number(),
      images: z.number().nullable(),
      margin: z.number().nullable(),
      runs: z.record(z.string(), costSchema),
    })
    .nullable(),
});

export type ComparedRun = z.infer<typeof comparedRunSchema>;
export type ComparedMetric = z.infer<typeof comparedMetricSchema>;
export type Cost = z.infer<typeof costSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;

/** A row of a paper's table. Accuracies are fractions; what a paper does not give is null. */
export const publishedSchema = z.object({
  id,
  paper: z.string(),
  where: z.string(),
  model: z.string(),
  data: z.string(),
  /** Side in px of the images on which it is measured. */
  size: z.number(),
  /** Equivalent epochs: compute in passes over the data at the final size. */
  epochs: z.number().nullable(),
  method: z.string(),
  top1: z.number().nullable(),
  /** Factors of less time and of less compute than the paper's own baseline of the same model. */
  speedup: z.number().nullable(),
  speedup_compute: z.number().nullable(),
  gpu_days: z.number().nullable(),
  /** Other figures that it reports, by name: box AP, mIoU. */
  measures: z.record(z.string(), z.number()),
  /** Explanation of its numbers where they need one. */
  note: z.string().nullable(),
});

export const compareCalls = {
  /**
   * Compares runs, baseline first. `accuracy`: the value of the "same accuracy" line; null: the level of the weakest
   * run, the median of its last three evaluations.
   */
  'compare.runs': call(
    z.strictObject({ runs: z.array(id).min(1).max(50), accuracy: z.number().nullable().default(null) }),
    comparisonSchema.extend({ configs: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  ),
  'compare.published': call(noArgs, z.array(publishedSchema)),
};
