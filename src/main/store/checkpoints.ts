/** The table `checkpoints`: which checkpoints of a run are on disk. */
import type { CheckpointRow } from '../../shared/contract/runs';
import type { Store } from './open';

/** A checkpoint as its trainer reports it. */
export interface NewCheckpoint extends CheckpointRow {
  sha256: string;
  /** Folders of checkpoints that were removed for it. */
  removed: readonly string[];
}

/** Lists a run's checkpoints by step. */
export const checkpointRows = (store: Store, runId: string): CheckpointRow[] =>
  store
    .prepare<[string], CheckpointRow>(
      'SELECT step, folder, bytes, created FROM checkpoints WHERE run_id = ? ORDER BY step',
    )
    .all(runId);

/** Returns the step of the newest checkpoint; null before the first. */
export const newestCheckpoint = (store: Store, runId: string): number | null =>
  store.prepare<[string], number | null>('SELECT max(step) FROM checkpoints WHERE run_id = ?').pluck().get(runId) ??
  null;

/** Records a checkpoint, and that the ones removed for it are gone. */
export function recordCheckpoint(
  store: Store,
  runId: string,
  { step, folder, sha256, bytes, created, removed }: NewCheckpoint,
): void {
  store
    .prepare(
      'INSERT OR REPLACE INTO checkpoints (run_id, step, folder, sha256, bytes, created) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(runId, step, folder, sha256, bytes, created);
  for (const gone of removed) store.prepare('DELETE FROM checkpoints WHERE run_id = ? AND folder = ?').run(runId, gone);
}

/** Removes checkpoints from the table. @param steps of checkpoints that no longer exist */
export function forgetCheckpoints(store: Store, runId: string, steps: readonly number[]): void {
  const forget = store.prepare('DELETE FROM checkpoints WHERE run_id = ? AND step = ?');
  for (const step of steps) forget.run(runId, step);
}

export function forgetCheckpointsAfter(store: Store, runId: string, step: number): void {
  store.prepare('DELETE FROM checkpoints WHERE run_id = ? AND step > ?').run(runId, step);
}
