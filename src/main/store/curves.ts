/**
 * Reads curves for the window: the buckets of metrics.ts with time and compute of each, and what is new since a step.
 */
import type { Store } from './open';
import { seriesOf, WIDTHS } from './metrics';

export interface CurveRange {
  /** Returns only buckets with steps after this one. */
  since: number | null;
  from: number | null;
  to: number | null;
  most: number;
}

export interface CurveRow {
  /** Last step of the bucket. */
  step: number;
  mean: number;
  min: number;
  max: number;
  wall_ms: number;
  equivalent_epochs: number;
}

export interface DrawnCurve {
  width: number;
  rows: CurveRow[];
  notFinite: number;
  gaps: number[];
}

/**
 * A row of step, mean, min, max, wall_ms, equivalent_epochs; the last two are null where nothing was recorded at that
 * very step. Arrays take half as long to read.
 */
type RawRow = [number, number, number, number, number | null, number | null];
type StepRow = Pick<CurveRow, 'step' | 'wall_ms' | 'equivalent_epochs'>;

/**
 * Widths of the buckets that may be drawn: those kept while writing, and two or five of them together, so that a curve
 * is never much coarser than asked.
 */
const DRAWN = [1, ...WIDTHS].flatMap((base) => [1, 2, 5].map((parts) => ({ base, parts, width: base * parts })));
type Drawn = (typeof DRAWN)[number];

/** Number of gaps that are listed one by one. */
const MOST_GAPS = 200;
const WIDEST = WIDTHS[WIDTHS.length - 1] as number;
const FINEST = DRAWN[0] as Drawn;
const COARSEST = DRAWN[DRAWN.length - 1] as Drawn;

export const lastStepOf = (store: Store, runId: string): number =>
  (store.prepare('SELECT max(step) FROM steps WHERE run_id = ?').pluck().get(runId) as number | null) ?? 0;

/**
 * Joins buckets with time and compute of their last steps: a lookup within one statement costs a fifth of a separate
 * one.
 */
const withSteps = (buckets: string): string =>
  `SELECT b.step, mean, min, max, wall_ms, equivalent_epochs FROM (${buckets}) AS b
    LEFT JOIN steps ON steps.run_id = @run AND steps.step = b.step ORDER BY b.step`;

/** Reads the curves of one run. */
export class CurveReader {
  private readonly statements;

  constructor(
    private readonly store: Store,
    private readonly runId: string,
  ) {
    const range = 'series_id = ? AND step BETWEEN ? AND ?';
    const raw = (buckets: string) => store.prepare(withSteps(buckets)).raw();
    this.statements = {
      first: store.prepare(`SELECT step FROM points WHERE ${range} ORDER BY step LIMIT 1`).pluck(),
      last: store.prepare(`SELECT step FROM points WHERE ${range} ORDER BY step DESC LIMIT 1`).pluck(),
      count: store
        .prepare('SELECT sum(count) FROM rollups WHERE series_id = ? AND width = ? AND bucket BETWEEN ? AND ?')
        .pluck(),
      points: raw(
        `SELECT step, value AS mean, value AS min, value AS max FROM points
          WHERE series_id = @id AND step BETWEEN @from AND @last AND value IS NOT NULL`,
      ),
      gathered: raw(
        `SELECT min((step / @width + 1) * @width - 1, @last) AS step, sum(value) / count(*) AS mean, min(value) AS min, max(value) AS max
          FROM points WHERE series_id = @id AND step BETWEEN @from AND @last AND value IS NOT NULL GROUP BY step / @width`,
      ),
      buckets: raw(
        `SELECT min((bucket / @parts + 1) * @width - 1, @last) AS step, sum(sum) / sum(count) AS mean, min(min) AS min, max(max) AS max
          FROM rollups WHERE series_id = @id AND width = @base AND bucket BETWEEN @from / @base AND @last / @base GROUP BY bucket / @parts`,
      ),
      // The row value makes SQLite seek six times faster than `run_id = ? AND step <= ?` does. It may find the run
      // before this one.
      before: store.prepare(
        `SELECT run_id, step, wall_ms, equivalent_epochs FROM steps WHERE (run_id, step) <= (?, ?)
          ORDER BY run_id DESC, step DESC LIMIT 1`,
      ),
      // By default SQLite reads every point of the range instead of this nearly empty index.
      gaps: store
        .prepare(
          `SELECT step FROM points INDEXED BY points_not_finite WHERE ${range} AND value IS NULL ORDER BY step LIMIT ${MOST_GAPS}`,
        )
        .pluck(),
      notFinite: store
        .prepare(`SELECT count(*) FROM points INDEXED BY points_not_finite WHERE ${range} AND value IS NULL`)
        .pluck(),
    };
  }

  /** Reads a curve; null where the run has no such series. */
  read(name: string, { since, from, to, most }: CurveRange): DrawnCurve | null {
    const id = seriesOf(this.store, this.runId, name);
    if (id === undefined) return null;
    const { statements } = this;
    const bounds = [id, from ?? 0, to ?? Number.MAX_SAFE_INTEGER] as const;
    const first = statements.first.get(...bounds) as number | undefined;
    const last = statements.last.get(...bounds) as number | undefined;
    if (first === undefined || last === undefined) return { width: 1, rows: [], notFinite: 0, gaps: [] };
    // The width follows the whole range, even where only part of it is new: otherwise the parts of a live curve would
    // not fit together.
    const drawn = this.widthOf(id, first, last, most);
    const { width } = drawn;
    const start = Math.max(from ?? 0, since === null ? 0 : width === 1 ? since + 1 : Math.floor(since / width) * width);
    const found = this.bucketsOf(id, drawn, start, last);
    return {
      width,
      rows: found.map(([step, mean, min, max, wall_ms, equivalent_epochs]) =>
        wall_ms === null || equivalent_epochs === null
          ? { ...{ mean, min, max }, ...this.lastBefore(step) }
          : { step, mean, min, max, wall_ms, equivalent_epochs },
      ),
      notFinite: statements.notFinite.get(...bounds) as number,
      gaps: statements.gaps.all(...bounds) as number[],
    };
  }

  /** Whole numbers are bound as BigInt, because others would be REAL, and divide as such. */
  private bucketsOf(id: number, { base, parts, width }: Drawn, from: number, last: number): RawRow[] {
    const { statements, runId: run } = this;
    const bounds = { run, id: BigInt(id), from: BigInt(from), last: BigInt(last) };
    if (width === 1) return statements.points.all(bounds) as RawRow[];
    if (base === 1) return statements.gathered.all({ ...bounds, width: BigInt(width) }) as RawRow[];
    const of = { base: BigInt(base), parts: BigInt(parts), width: BigInt(width) };
    return statements.buckets.all({ ...bounds, ...of }) as RawRow[];
  }

  private widthOf(id: number, first: number, last: number, most: number): Drawn {
    const span = last - first + 1;
    if (span <= most) return FINEST;
    const count = this.statements.count.get(id, WIDEST, Math.floor(first / WIDEST), Math.floor(last / WIDEST)) as
      number | null;
    if ((count ?? 0) <= most) return FINEST;
    return DRAWN.find(({ width }) => span / width <= most) ?? COARSEST;
  }

  /** Returns the last step with anything recorded before this one, for a bucket that ends on a step with nothing. */
  private lastBefore(step: number): StepRow {
    const found = this.statements.before.get(this.runId, step) as (StepRow & { run_id: string }) | undefined;
    if (found?.run_id !== this.runId) throw new Error(`no step at or before ${step}`);
    return { step: found.step, wall_ms: found.wall_ms, equivalent_epochs: found.equivalent_epochs };
  }
}

export interface PointTable {
  /** Number of points of the longest series. */
  total: number;
  /** [step, seconds, equivalent epochs, ...values] */
  rows: (number | null)[][];
  next: number | null;
}

/** Returns every point of some series after a step, side by side. */
export function pointTable(
  store: Store,
  runId: string,
  names: readonly string[],
  after: number,
  limit: number,
): PointTable {
  const ids = names.map((name) => seriesOf(store, runId, name));
  const select = store.prepare('SELECT step, value FROM points WHERE series_id = ? AND step > ? ORDER BY step LIMIT ?');
  const columns = ids.map((id) =>
    id === undefined ? [] : (select.all(id, after, limit) as { step: number; value: number | null }[]),
  );
  const steps = [...new Set(columns.flatMap((rows) => rows.map(({ step }) => step)))]
    .sort((a, b) => a - b)
    .slice(0, limit);
  const at = store.prepare('SELECT wall_ms, equivalent_epochs FROM steps WHERE run_id = ? AND step = ?');
  const cursors = columns.map(() => 0);
  const rows = steps.map((step): (number | null)[] => {
    const shared = at.get(runId, step) as { wall_ms: number; equivalent_epochs: number } | undefined;
    const values = columns.map((column, index) => {
      const point = column[cursors[index] as number];
      if (point?.step !== step) return null;
      cursors[index] = (cursors[index] as number) + 1;
      return point.value;
    });
    return [step, shared ? shared.wall_ms / 1000 : null, shared?.equivalent_epochs ?? null, ...values];
  });
  return {
    total: Math.max(0, ...ids.map((id) => countOf(store, id))),
    rows,
    next: rows.length < limit ? null : (steps.at(-1) as number),
  };
}

function countOf(store: Store, id: number | undefined): number {
  if (id === undefined) return 0;
  const finite = store
    .prepare('SELECT sum(count) FROM rollups WHERE series_id = ? AND width = ?')
    .pluck()
    .get(id, WIDEST) as number | null;
  const others = store
    .prepare('SELECT count(*) FROM points INDEXED BY points_not_finite WHERE series_id = ? AND value IS NULL')
    .pluck()
    .get(id) as number;
  return (finite ?? 0) + others;
}
