/** Series of a run: points, what a step has in common, and rollups kept while writing. */
import type { Store } from './open';

const WIDTHS = [100, 10_000] as const;

export interface Point {
  step: number;
  /** null: not a finite number. */
  value: number | null;
}

/** Prepared statements of a writer, for one run. */
export class MetricWriter {
  private readonly ids = new Map<string, number>();
  private readonly statements;

  constructor(
    private readonly store: Store,
    private readonly runId: string,
  ) {
    this.statements = {
      series: store.prepare('INSERT INTO series (run_id, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name RETURNING id'),
      point: store.prepare('INSERT OR REPLACE INTO points (series_id, step, value) VALUES (?, ?, ?)'),
      step: store.prepare('INSERT OR REPLACE INTO steps (run_id, step, wall_ms, equivalent_epochs) VALUES (?, ?, ?, ?)'),
      rollup: store.prepare(`INSERT INTO rollups (series_id, width, bucket, count, sum, min, max) VALUES (@id, @width, @bucket, 1, @value, @value, @value)
        ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + @value, min = min(min, @value), max = max(max, @value)`),
    };
  }

  write(step: number, values: Record<string, number>, at: { wallMs: number; equivalentEpochs: number }): void {
    this.statements.step.run(this.runId, step, at.wallMs, at.equivalentEpochs);
    for (const [name, value] of Object.entries(values)) {
      const id = this.seriesId(name);
      const finite = Number.isFinite(value);
      this.statements.point.run(id, step, finite ? value : null);
      if (finite) for (const width of WIDTHS) this.statements.rollup.run({ id, width, bucket: Math.floor(step / width), value });
    }
  }

  private seriesId(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const { id } = this.statements.series.get(this.runId, name) as { id: number };
    this.ids.set(name, id);
    return id;
  }
}

export const seriesNames = (store: Store, runId: string): string[] => store.prepare('SELECT name FROM series WHERE run_id = ? ORDER BY name').pluck().all(runId) as string[];

const seriesOf = (store: Store, runId: string, name: string): number | undefined =>
  store.prepare('SELECT id FROM series WHERE run_id = ? AND name = ?').pluck().get(runId, name) as number | undefined;

/** Every point of a series after `since`. */
export function pointsOf(store: Store, runId: string, name: string, since = -1): Point[] {
  const id = seriesOf(store, runId, name);
  if (id === undefined) return [];
  return store.prepare('SELECT step, value FROM points WHERE series_id = ? AND step > ? ORDER BY step').all(id, since) as Point[];
}

export interface Bucket {
  step: number;
  mean: number;
  min: number;
  max: number;
}

/** A series at the resolution of a rollup. */
export function bucketsOf(store: Store, runId: string, name: string, width: (typeof WIDTHS)[number]): Bucket[] {
  const id = seriesOf(store, runId, name);
  if (id === undefined) return [];
  return store.prepare('SELECT bucket * width AS step, sum / count AS mean, min, max FROM rollups WHERE series_id = ? AND width = ? ORDER BY bucket').all(id, width) as Bucket[];
}

/** Forget what lies past a checkpoint of `steps` finished steps, before a resume writes it again. A point's step counts finished steps, from 1. */
export function truncateMetrics(store: Store, runId: string, steps: number): void {
  store.transaction(() => {
    const ids = store.prepare('SELECT id, name FROM series WHERE run_id = ?').all(runId) as { id: number; name: string }[];
    for (const { id } of ids) {
      if (!store.prepare('DELETE FROM points WHERE series_id = ? AND step > ?').run(id, steps).changes) continue;
      for (const width of WIDTHS) {
        const bucket = Math.floor(steps / width);
        store.prepare('DELETE FROM rollups WHERE series_id = ? AND width = ? AND bucket >= ?').run(id, width, bucket);
        store
          .prepare(`INSERT INTO rollups SELECT series_id, CAST(? AS INTEGER), CAST(? AS INTEGER), count(*), sum(value), min(value), max(value) FROM points
                    WHERE series_id = ? AND step >= ? AND value IS NOT NULL GROUP BY series_id`)
          .run(width, bucket, id, bucket * width);
      }
    }
    store.prepare('DELETE FROM steps WHERE run_id = ? AND step > ?').run(runId, steps);
    store.prepare('DELETE FROM evaluations WHERE run_id = ? AND step > ?').run(runId, steps);
  })();
}
