/** The table `events`: what has happened to a run, in sentences, some with data. */
import type { z } from 'zod';
import { BORDER_EVENT, type BorderDecision } from '../../shared/contract/borders';
import type { eventSchema } from '../../shared/contract/runs';
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

/** A row of the table: the data is JSON. */
interface StoredEvent extends Omit<RunEvent, 'data'> {
  data: string | null;
}

/** Lists a run's events in the order in which they were recorded. */
export function eventsOf(store: Store, runId: string): RunEvent[] {
  const rows = store
    .prepare<[string], StoredEvent>(
      'SELECT time, step, kind, message, data FROM events WHERE run_id = ? ORDER BY rowid',
    )
    .all(runId);
  return rows.map((row) => ({ ...row, data: fromJson<unknown>(row.data) }));
}

/** Lists events after a row, oldest first. */
export const eventsAfter = (store: Store, runId: string, row: number, most: number): EventRow[] =>
  store
    .prepare(
      'SELECT rowid AS row, time, step, kind, message FROM events WHERE run_id = ? AND rowid > ? ORDER BY rowid LIMIT ?',
    )
    .all(runId, row, most) as EventRow[];

/** Returns where and why an adaptive run has ended its stages; none for other runs. */
export const bordersDecided = (store: Store, runId: string): BorderDecision[] =>
  store
    .prepare<[string, string], string>('SELECT data FROM events WHERE run_id = ? AND kind = ? ORDER BY step')
    .pluck()
    .all(runId, BORDER_EVENT)
    .map((data) => fromJson<BorderDecision>(data));

/** Adds an event that a process other than the run's trainer reports. */
export function addEvent(
  store: Store,
  runId: string,
  { step, kind, message }: Pick<RunEvent, 'step' | 'kind' | 'message'>,
): void {
  store
    .prepare('INSERT INTO events (run_id, time, step, kind, message) VALUES (?, ?, ?, ?, ?)')
    .run(runId, new Date().toISOString(), step, kind, message);
}

/** Adds an event of the trainer unless it is there already: it may come twice, from the spool file and from memory. */
export function addEventOnce(store: Store, runId: string, { data, ...event }: RunEvent): void {
  store
    .prepare(
      `INSERT INTO events (run_id, time, step, kind, message, data)
        SELECT @runId, @time, @step, @kind, @message, @data WHERE NOT EXISTS (
          SELECT 1 FROM events
            WHERE run_id = @runId AND step = @step AND time = @time AND kind = @kind AND message = @message)`,
    )
    .run({ runId, ...event, data: data === undefined ? null : JSON.stringify(data) });
}

/** Adds the event that a run's trainer has vanished, at the run's step. */
export function addVanishedEvent(store: Store, runId: string, time: string): void {
  store
    .prepare(
      `INSERT INTO events (run_id, time, step, kind, message)
        SELECT id, ?, step, 'interrupted', 'The trainer process vanished.' FROM runs WHERE id = ?`,
    )
    .run(time, runId);
}

/** Deletes the stages' borders past a step; a run that is resumed there decides them again. */
export function forgetBordersAfter(store: Store, runId: string, step: number): void {
  store.prepare('DELETE FROM events WHERE run_id = ? AND kind = ? AND step > ?').run(runId, BORDER_EVENT, step);
}
