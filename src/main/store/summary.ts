/** Summarises a series in a few figures: extremes are found through the rollups, from the widest to the points. */
import type { Evaluated } from '../../shared/same-accuracy';
import { seriesOf, WIDTHS } from './metrics';
import type { Store } from './open';

export interface SeriesSummary {
  /** Number of finite points. */
  count: number;
  mean: number;
  min: number;
  max: number;
  min_step: number;
  max_step: number;
  last: number;
  last_step: number;
}

/** Conditions on a bucket's extreme, and then on a point's value. */
const TESTS = {
  lowest: { bucket: 'min = ?', point: 'value = ?' },
  highest: { bucket: 'max = ?', point: 'value = ?' },
} as const;
type Test = keyof typeof TESTS;

const WIDEST_FIRST = WIDTHS.toReversed();

/** Reads many series with the same few prepared statements: twenty runs side by side have hundreds. */
export class SummaryReader {
  private readonly statements;

  constructor(private readonly store: Store) {
    const search = ({ bucket, point }: (typeof TESTS)[Test]) => ({
      bucket: store
        .prepare(
          `SELECT bucket FROM rollups WHERE series_id = ? AND width = ? AND bucket >= ? AND ${bucket} ORDER BY bucket LIMIT 1`,
        )
        .pluck(),
      point: store
        .prepare(`SELECT step FROM points WHERE series_id = ? AND step >= ? AND ${point} ORDER BY step LIMIT 1`)
        .pluck(),
    });
    this.statements = {
      whole: store.prepare(
        `SELECT sum(count) AS count, sum(sum) / sum(count) AS mean, min(min) AS min, max(max) AS max FROM rollups
          WHERE series_id = ? AND width = ?`,
      ),
      last: store.prepare(
        `SELECT value AS last, step AS last_step FROM points WHERE series_id = ? AND value IS NOT NULL ORDER BY step DESC LIMIT 1`,
      ),
      lowest: search(TESTS.lowest),
      highest: search(TESTS.highest),
      spent: store.prepare(
        `SELECT points.step, value, wall_ms / 1000.0 AS seconds, equivalent_epochs
          FROM points JOIN steps ON steps.run_id = ? AND steps.step = points.step
          WHERE series_id = ? AND value IS NOT NULL ORDER BY points.step`,
      ),
    };
  }

  /** Returns null without a finite point. */
  summary(runId: string, name: string): SeriesSummary | null {
    const id = seriesOf(this.store, runId, name);
    if (id === undefined) return null;
    const whole = this.statements.whole.get(id, WIDEST_FIRST[0]) as
      Pick<SeriesSummary, 'count' | 'mean' | 'min' | 'max'> | { count: null };
    if (whole.count === null) return null;
    const last = this.statements.last.get(id) as Pick<SeriesSummary, 'last' | 'last_step'>;
    return {
      ...whole,
      min_step: this.firstWhere(id, 'lowest', whole.min) as number,
      max_step: this.firstWhere(id, 'highest', whole.max) as number,
      ...last,
    };
  }

  /** Returns every finite point of a series that has few, with the time and the compute spent until then. */
  spent(runId: string, name: string): Evaluated[] {
    const id = seriesOf(this.store, runId, name);
    return id === undefined ? [] : (this.statements.spent.all(runId, id) as Evaluated[]);
  }

  /** A bucket contains ten of the next width, so at most ten are read below the widest. */
  private firstWhere(id: number, test: Test, value: number): number | null {
    let from = 0;
    for (const width of WIDEST_FIRST) {
      const bucket = this.statements[test].bucket.get(id, width, Math.floor(from / width), value) as number | undefined;
      if (bucket === undefined) return null;
      from = bucket * width;
    }
    return (this.statements[test].point.get(id, from, value) as number | undefined) ?? null;
  }
}

/** Returns the summary of one series; null without a finite point. */
export const summaryOf = (store: Store, runId: string, name: string): SeriesSummary | null =>
  new SummaryReader(store).summary(runId, name);
