/** What a run has left beside its metrics: events, stages, checkpoints, exports. */
import type { z } from 'zod';
import { BORDER_EVENT, type BorderDecision } from '../../shared/contract/borders';
import type { CheckpointRow, eventSchema, ExportRow } from '../../shared/contract/runs';
import { fromJson } from './json-column';
import type { Store } from './open';

type EventRow = z.infer<typeof eventSchema>;

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
  /** Those that were made of files. */
  images_decoded: number;
}

/** A row of `events`: the data is JSON. */
interface RunEventRow extends Omit<RunEvent, 'data'> {
  data: string | null;
}

export function eventsOf(store: Store, runId: string): RunEvent[] {
  const rows = store
    .prepare<[string], RunEventRow>(
      'SELECT time, step, kind, message, data FROM events WHERE run_id = ? ORDER BY rowid',
    )
    .all(runId);
  return rows.map((row) => ({ ...row, data: fromJson<unknown>(row.data) }));
}

/** Where an adaptive run has ended its stages, and why; none of other runs. */
export const bordersDecided = (store: Store, runId: string): BorderDecision[] =>
  store
    .prepare<[string, string], string>('SELECT data FROM events WHERE run_id = ? AND kind = ? ORDER BY step')
    .pluck()
    .all(runId, BORDER_EVENT)
    .map((data) => fromJson<BorderDecision>(data));

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

/** Events after a row, oldest first. */
export const eventsAfter = (store: Store, runId: string, row: number, most: number): EventRow[] =>
  store
    .prepare(
      'SELECT rowid AS row, time, step, kind, message FROM events WHERE run_id = ? AND rowid > ? ORDER BY rowid LIMIT ?',
    )
    .all(runId, row, most) as EventRow[];

export const stageTimes = (store: Store, runId: string): StageTime[] =>
  store
    .prepare(
      `SELECT stage, steps_done, seconds, compute_seconds, loader_seconds, images, coalesce(images_decoded, images) AS images_decoded
        FROM stages WHERE run_id = ? ORDER BY stage`,
    )
    .all(runId) as StageTime[];

export const checkpointRows = (store: Store, runId: string): CheckpointRow[] =>
  store
    .prepare<[string], CheckpointRow>(
      'SELECT step, folder, bytes, created FROM checkpoints WHERE run_id = ? ORDER BY step',
    )
    .all(runId);

/** @param steps of checkpoints that are no longer there */
export function forgetCheckpoints(store: Store, runId: string, steps: readonly number[]): void {
  const forget = store.prepare('DELETE FROM checkpoints WHERE run_id = ? AND step = ?');
  for (const step of steps) forget.run(runId, step);
}

/** Step of the newest checkpoint; null before the first. */
export const newestCheckpoint = (store: Store, runId: string): number | null =>
  store.prepare<[string], number | null>('SELECT max(step) FROM checkpoints WHERE run_id = ?').pluck().get(runId) ??
  null;

export function recordExport(
  store: Store,
  runId: string,
  row: { path: string; format: string; parity: unknown },
): void {
  store
    .prepare('INSERT OR REPLACE INTO exports (run_id, path, format, created, parity) VALUES (?, ?, ?, ?, ?)')
    .run(runId, row.path, row.format, new Date().toISOString(), JSON.stringify(row.parity));
}

/** A row of `exports`: the parity is JSON. */
interface StoredExport extends Omit<ExportRow, 'parity'> {
  parity: string;
}

export const exportsOf = (store: Store, runId: string): ExportRow[] =>
  store
    .prepare<[string], StoredExport>(
      'SELECT path, format, created, parity FROM exports WHERE run_id = ? ORDER BY created',
    )
    .all(runId)
    .map((row) => ({ ...row, parity: fromJson<unknown>(row.parity) }));
