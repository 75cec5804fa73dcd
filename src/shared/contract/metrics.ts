/** Series of a run, thinned where the data is. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';

/** Parallel columns, one entry per bucket; `width` 1: the points themselves, and then min = max = mean. */
export const curveSchema = z.object({
  name: z.string(),
  width: z.number(),
  step: z.array(z.number()),
  mean: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  /** Of the same steps: passes over the data, compute in passes at the final size, seconds without pauses. */
  epoch: z.array(z.number()),
  equivalent_epochs: z.array(z.number()),
  seconds: z.array(z.number()),
  /** Points that were not finite, left out. */
  not_finite: z.number(),
});

export type Curve = z.infer<typeof curveSchema>;

export const metricCalls = {
  /**
   * Curves of one run. `since`: only steps after it, so that a live chart pulls what is new (null: all). At most about `most` buckets
   * each between `from` and `to` steps.
   */
  'metrics.curves': call(
    z.strictObject({
      run: id,
      names: z.array(z.string()).max(64),
      since: z.number().nullable().default(null),
      from: z.number().nullable().default(null),
      to: z.number().nullable().default(null),
      most: z.int().min(10).max(20_000).default(1000),
    }),
    z.object({ curves: z.array(curveSchema), last_step: z.number() }),
  ),
  /** Every point of some series, for the table behind a chart and for CSV: rows of [step, seconds, equivalent epochs, ...values]. */
  'metrics.table': call(
    z.strictObject({ run: id, names: z.array(z.string()).min(1).max(64), offset: z.number(), limit: z.int().min(1).max(5000) }),
    z.object({ total: z.number(), rows: z.array(z.array(z.number().nullable())) }),
  ),
};
