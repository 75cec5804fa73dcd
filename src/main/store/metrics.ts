/** Series of a run: points, what all series of a step share, and rollups kept while writing. */
import { positionAt, type Plan } from '../../shared/curriculum/plan';
import { forgetCheckpointsAfter } from './checkpoints';
import { forgetDetailsAfter } from './evaluation-details';
import { forgetBordersAfter } from './events';
import type { Store } from './open';
import { forgetStagesAfter } from './stages';

/**
 * Steps per bucket of each rollup. They are ten times apart: whatever the length, one of them gives between 100 and
 * 1,000 buckets.
 */
export const WIDTHS = [10, 100, 1_000, 10_000] as const;

export interface Point {
  step: number;
  /** The value; null: not a finite number. */
  value: number | null;
}

interface Bucketed {
  id: number;
  width: number;
  bucket: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
}

/**
 * Prepared statements of a writer, for one run. Call `write` any number of times, then `finish`, within one
 * transaction.
 */
export class MetricWriter {
  private readonly ids = new Map<string, number>();
  private readonly fresh = new Map<string, Bucketed>();
  private readonly stale = new Map<string, { id: number; width: number; bucket: number }>();
  private readonly statements;

  constructor(
    store: Store,
    private readonly runId: string,
  ) {
    this.statements = {
      series: store.prepare(
        'INSERT INTO series (run_id, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name RETURNING id',
      ),
      point: store.prepare('INSERT INTO points (series_id, step, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
      correct: store.prepare('UPDATE points SET value = ? WHERE series_id = ? AND step = ?'),
      step: store.prepare(
        'INSERT OR REPLACE INTO steps (run_id, step, wall_ms, equivalent_epochs) VALUES (?, ?, ?, ?)',
      ),
      add: store.prepare(`INSERT INTO rollups (series_id, width, bucket, count, sum, min, max, last) VALUES (@id, @width, @bucket, @count, @sum, @min, @max, @last)
        ON CONFLICT DO UPDATE SET count = count + @count, sum = sum + @sum, min = min(min, @min), max = max(max, @max), last = @last`),
      rebuild: prepareRebuild(store),
    };
  }

  write(step: number, values: Record<string, number>, at: { wallMs: number; equivalentEpochs: number }): void {
    this.statements.step.run(this.runId, step, at.wallMs, at.equivalentEpochs);
    for (const [name, value] of Object.entries(values)) {
      const id = this.seriesId(name);
      const finite = Number.isFinite(value);
      if (this.statements.point.run(id, step, finite ? value : null).changes) {
        if (finite) for (const width of WIDTHS) this.collect(id, width, Math.floor(step / width), value);
      } else {
        this.statements.correct.run(finite ? value : null, id, step);
        for (const width of WIDTHS)
          this.stale.set(`${id} ${width} ${Math.floor(step / width)}`, { id, width, bucket: Math.floor(step / width) });
      }
    }
  }

  /** Updates the rollups with the points written since the last time. */
  finish(): void {
    for (const bucket of this.fresh.values()) this.statements.add.run(bucket);
    for (const bucket of this.stale.values()) this.statements.rebuild(bucket);
    this.fresh.clear();
    this.stale.clear();
  }

  private collect(id: number, width: number, bucket: number, value: number): void {
    const key = `${id} ${width} ${bucket}`;
    const known = this.fresh.get(key);
    if (!known) {
      this.fresh.set(key, { id, width, bucket, count: 1, sum: value, min: value, max: value, last: value });
      return;
    }
    known.count++;
    known.sum += value;
    known.min = Math.min(known.min, value);
    known.max = Math.max(known.max, value);
    known.last = value;
  }

  private seriesId(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const { id } = this.statements.series.get(this.runId, name) as { id: number };
    this.ids.set(name, id);
    return id;
  }
}

/**
 * Prepares the recomputation of a bucket from its points. CAST is needed because a number bound by better-sqlite3 is
 * REAL.
 */
function prepareRebuild(store: Store): (bucket: { id: number; width: number; bucket: number }) => void {
  const remove = store.prepare('DELETE FROM rollups WHERE series_id = ? AND width = ? AND bucket = ?');
  const build = store.prepare(`INSERT INTO rollups (series_id, width, bucket, count, sum, min, max, last)
    SELECT series_id, CAST(@width AS INTEGER), CAST(@bucket AS INTEGER), count(*), sum(value), min(value), max(value),
      (SELECT value FROM points WHERE series_id = @id AND step >= @from AND step < @to AND value IS NOT NULL ORDER BY step DESC LIMIT 1)
    FROM points WHERE series_id = @id AND step >= @from AND step < @to AND value IS NOT NULL GROUP BY series_id`);
  return ({ id, width, bucket }) => {
    remove.run(id, width, bucket);
    build.run({ id, width, bucket, from: bucket * width, to: (bucket + 1) * width });
  };
}

export const seriesNames = (store: Store, runId: string): string[] =>
  store.prepare('SELECT name FROM series WHERE run_id = ? ORDER BY name').pluck().all(runId) as string[];

export const seriesOf = (store: Store, runId: string, name: string): number | undefined =>
  store.prepare('SELECT id FROM series WHERE run_id = ? AND name = ?').pluck().get(runId, name) as number | undefined;

/** Yields every point of a series after `since`, in order of step. */
export function pointsOf(store: Store, runId: string, name: string, since = -1): Point[] {
  const id = seriesOf(store, runId, name);
  if (id === undefined) return [];
  return store
    .prepare('SELECT step, value FROM points WHERE series_id = ? AND step > ? ORDER BY step')
    .all(id, since) as Point[];
}

/** Returns the compute until the run's last recorded step, in passes at the final size; 0 before the first. */
export const computeSpent = (store: Store, runId: string): number =>
  (store
    .prepare('SELECT equivalent_epochs FROM steps WHERE run_id = ? ORDER BY step DESC LIMIT 1')
    .pluck()
    .get(runId) as number | undefined) ?? 0;

/**
 * Deletes what is past a checkpoint of `steps` finished steps, before a resume writes it again. A point's step counts
 * finished steps, from 1.
 */
export function truncateAfter(store: Store, runId: string, steps: number): void {
  const rebuild = prepareRebuild(store);
  store.transaction(() => {
    const ids = store.prepare('SELECT id FROM series WHERE run_id = ?').pluck().all(runId) as number[];
    for (const id of ids) {
      if (!store.prepare('DELETE FROM points WHERE series_id = ? AND step > ?').run(id, steps).changes) continue;
      for (const width of WIDTHS) {
        const bucket = Math.floor(steps / width);
        store.prepare('DELETE FROM rollups WHERE series_id = ? AND width = ? AND bucket > ?').run(id, width, bucket);
        rebuild({ id, width, bucket });
      }
    }
    const plan = JSON.parse(store.prepare('SELECT plan FROM runs WHERE id = ?').pluck().get(runId) as string) as Plan;
    forgetStagesAfter(store, runId, positionAt(plan, steps).stage);
    store.prepare('DELETE FROM steps WHERE run_id = ? AND step > ?').run(runId, steps);
    forgetDetailsAfter(store, runId, steps);
    forgetBordersAfter(store, runId, steps);
    forgetCheckpointsAfter(store, runId, steps);
  })();
}
