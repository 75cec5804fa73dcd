/** What a run has left beside its metrics: events, stages, checkpoints, exports. */
import type { Store } from './open';

export interface RunEvent {
  time: string;
  step: number;
  kind: string;
  message: string;
  data: unknown;
}

export interface StageTime {
  stage: number;
  steps_done: number;
  seconds: number;
  compute_seconds: number;
  loader_seconds: number;
  images: number;
}

export interface CheckpointRow {
  step: number;
  folder: string;
  bytes: number;
  created: string;
}

export function eventsOf(store: Store, runId: string): RunEvent[] {
  const rows = store
    .prepare('SELECT time, step, kind, message, data FROM events WHERE run_id = ? ORDER BY rowid')
    .all(runId) as (Omit<RunEvent, 'data'> & { data: string | null })[];
  return rows.map((row) => ({ ...row, data: row.data === null ? null : (JSON.parse(row.data) as unknown) }));
}

/** What a process other than the run's trainer has to tell of it. */
export function addEvent(
  store: Store,
  runId: string,
  { step, kind, message }: Pick<RunEvent, 'step' | 'kind' | 'message'>,
): void {
  store
    .prepare('INSERT INTO events (run_id, time, step, kind, message) VALUES (?, ?, ?, ?, ?)')
    .run(runId, new Date().toISOString(), step, kind, message);
}

export interface EventRow extends Omit<RunEvent, 'data'> {
  row: number;
}

/** Events after a row, oldest first. */
export const eventsAfter = (store: Store, runId: string, row: number, most: number): EventRow[] =>
  store
    .prepare('SELECT rowid AS row, time, step, kind, message FROM events WHERE run_id = ? AND rowid > ? ORDER BY rowid LIMIT ?')
    .all(runId, row, most) as EventRow[];

export const stageTimes = (store: Store, runId: string): StageTime[] =>
  store
    .prepare(
      'SELECT stage, steps_done, seconds, compute_seconds, loader_seconds, images FROM stages WHERE run_id = ? ORDER BY stage',
    )
    .all(runId) as StageTime[];

export const checkpointRows = (store: Store, runId: string): CheckpointRow[] =>
  store
    .prepare('SELECT step, folder, bytes, created FROM checkpoints WHERE run_id = ? ORDER BY step')
    .all(runId) as CheckpointRow[];

export function recordExport(store: Store, runId: string, row: { path: string; format: string; parity: unknown }): void {
  store
    .prepare('INSERT OR REPLACE INTO exports (run_id, path, format, created, parity) VALUES (?, ?, ?, ?, ?)')
    .run(runId, row.path, row.format, new Date().toISOString(), JSON.stringify(row.parity));
}

export const exportsOf = (store: Store, runId: string): { path: string; format: string; created: string; parity: unknown }[] =>
  (
    store.prepare('SELECT path, format, created, parity FROM exports WHERE run_id = ? ORDER BY created').all(runId) as {
      path: string;
      format: string;
      created: string;
      parity: string;
    }[]
  ).map((row) => ({ ...row, parity: JSON.parse(row.parity) as unknown }));
