/** Series of a run, thinned where they are stored. */
import { z } from 'zod';
import { call } from './call';
import { id } from './common';

/** A column of finite numbers. A schema for each of a hundred thousand numbers would take longer than reading them. */
const column = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every(Number.isFinite),
  'not a list of finite numbers',
);

/** Parallel columns, one entry per bucket; with a `width` of 1 they are the points themselves, and min = max = mean. */
export const curveSchema = z.object({
  name: z.string(),
  /** Steps per bucket; bucket k holds steps k * width up to the next. */
  width: z.number(),
  /** The bucket's last step so far. */
  step: column,
  mean: column,
  min: column,
  max: column,
  /** Values at the same steps: passes over the data, compute in passes at the final size, seconds without pauses. */
  epoch: column,
  equivalent_epochs: column,
  seconds: column,
  /** Number of points that were not finite and are left out, and their first steps: a line has a gap there. */
  not_finite: z.number(),
  gaps: column,
});

export type Curve = z.infer<typeof curveSchema>;

export const curvesSchema = z.object({
  curves: z.array(curveSchema),
  /**
   * Newest step of the run. If it is smaller than the window's, the run has gone back to a checkpoint, and the window
   * has to start anew.
   */
  last_step: z.number(),
});

export type Curves = z.infer<typeof curvesSchema>;

export const metricCalls = {
  /**
   * Returns curves of one run. `since`: only buckets with steps after it, including the whole bucket that it is in, so
   * that a live chart fetches what is new (null: all). There are at most about `most` buckets each between `from` and
   * `to` steps. A missing series is left out.
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
   * Returns every point of some series, for CSV: rows of [step, seconds, equivalent epochs, ...values] after step
   * `after`, in order; null where a series has no finite value at a step. `next`: the `after` of the next page, null at
   * the end.
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
   * Returns what the run's trainer has printed after byte `offset`, whole lines, at most 256 kB; negative: from so many
   * bytes before the end.
   */
  'metrics.log': call(z.strictObject({ run: id, offset: z.int() }), z.object({ text: z.string(), next: z.number() })),
};
