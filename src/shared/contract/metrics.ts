/** Series of a run, thinned where the data is. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';

/**
 * A column of finite numbers. Of a hundred thousand in an answer, a schema for each would take longer than reading
 * them.
 */
const column = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every(Number.isFinite),
  'not a list of finite numbers',
);

/** Parallel columns, one entry per bucket; `width` 1: the points themselves, and then min = max = mean. */
export const curveSchema = z.object({
  name: z.string(),
  /** Steps per bucket; bucket k holds steps k * width up to the next. */
  width: z.number(),
  /** The bucket's last step so far. */
  step: column,
  mean: column,
  min: column,
  max: column,
  /** Of the same steps: passes over the data, compute in passes at the final size, seconds without pauses. */
  epoch: column,
  equivalent_epochs: column,
  seconds: column,
  /** Points that were not finite, left out, and the first steps of them: a line has a gap there. */
  not_finite: z.number(),
  gaps: column,
});

export type Curve = z.infer<typeof curveSchema>;

export const curvesSchema = z.object({
  curves: z.array(curveSchema),
  /**
   * Newest step of the run. Smaller than what a window has: the run has gone back to a checkpoint, and it has to start
   * anew.
   */
  last_step: z.number(),
});

export type Curves = z.infer<typeof curvesSchema>;

export const metricCalls = {
  /**
   * Curves of one run. `since`: only what holds steps after it, the bucket that it lies in whole, so that a live chart
   * pulls what is new (null: all). At most about `most` buckets each between `from` and `to` steps. A series that is
   * not there is left out.
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
    curvesSchema,
  ),
  /**
   * Every point of some series, for CSV: rows of [step, seconds, equivalent epochs, ...values] after step `after`, in
   * order; null where a series has no (finite) value at a step. `next`: where to go on, null at the end.
   */
  'metrics.table': call(
    z.strictObject({
      run: id,
      names: z.array(z.string()).min(1).max(64),
      after: z.number().nullable().default(null),
      limit: z.int().min(1).max(5000).default(2000),
    }),
    z.object({ total: z.number(), rows: z.array(z.array(z.number().nullable())), next: z.number().nullable() }),
  ),
  /**
   * What the run's trainer has printed after byte `offset`, whole lines, at most 256 kB; negative: from so many bytes
   * before the end.
   */
  'metrics.log': call(z.strictObject({ run: id, offset: z.int() }), z.object({ text: z.string(), next: z.number() })),
};
