/** Rows of `samples` and `problems`. */
import type { Store } from './open';

export interface SampleRow {
  split: string;
  path: string;
  label: number;
  bytes: number;
  mtime_ms: number;
  sha256: string;
  format: string;
  width: number;
  height: number;
  orientation: number;
  fast: number;
}

export interface ProblemRow {
  kind: string;
  path: string;
  reason: string;
  others?: string[];
}

export function insertSamples(store: Store, datasetId: string, rows: Iterable<SampleRow>): void {
  const insert =
    store.prepare(`INSERT INTO samples (dataset_id, split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast)
    VALUES (@datasetId, @split, @path, @label, @bytes, @mtime_ms, @sha256, @format, @width, @height, @orientation, @fast)`);
  for (const row of rows) insert.run({ datasetId, ...row });
}

export function insertProblems(store: Store, datasetId: string, rows: Iterable<ProblemRow>, excluded: ReadonlySet<string>): void {
  const insert = store.prepare(
    'INSERT INTO problems (dataset_id, kind, path, reason, others, excluded) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const { kind, path, reason, others } of rows)
    insert.run(datasetId, kind, path, reason, others ? JSON.stringify(others) : null, excluded.has(path) ? 1 : 0);
}

/** In order of path, so that the order is that of the source and of no clock. */
export const samplesOf = (store: Store, datasetId: string, split: string): IterableIterator<SampleRow> =>
  store
    .prepare('SELECT * FROM samples WHERE dataset_id = ? AND split = ? ORDER BY path')
    .iterate(datasetId, split) as IterableIterator<SampleRow>;

export const countSamples = (store: Store, datasetId: string, split: string): { count: number; pathBytes: number } =>
  store
    .prepare(
      'SELECT count(*) AS count, coalesce(sum(length(CAST(path AS BLOB))), 0) AS pathBytes FROM samples WHERE dataset_id = ? AND split = ?',
    )
    .get(datasetId, split) as { count: number; pathBytes: number };

export function problemsOf(store: Store, datasetId: string): ProblemRow[] {
  const rows = store
    .prepare('SELECT kind, path, reason, others FROM problems WHERE dataset_id = ? ORDER BY kind, path')
    .all(datasetId) as (Omit<ProblemRow, 'others'> & { others: string | null })[];
  return rows.map(({ others, ...row }) => ({ ...row, ...(others ? { others: JSON.parse(others) as string[] } : {}) }));
}
