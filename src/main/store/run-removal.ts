/**
 * Removes a run's rows for good, a few at a time: deleting a million points at once would block every other process.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from './open';

const CHUNK = 20_000;

/** Deletes rows of one table by its primary key's first columns until none is left. */
async function emptied(
  store: Store,
  table: 'points' | 'rollups' | 'steps',
  column: string,
  value: number | string,
): Promise<void> {
  const key = table === 'rollups' ? 'series_id, width, bucket' : `${column}, step`;
  const some = store.prepare(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${column} = ? LIMIT ${CHUNK})`,
  );
  while (some.run(value).changes) await turn();
}

/** Removes a run that is in the trash. @returns whether it was there */
export async function removeRun(store: Store, id: string): Promise<boolean> {
  const trashed = store.prepare('SELECT 1 FROM runs WHERE id = ? AND trashed IS NOT NULL').pluck();
  if (trashed.get(id) !== 1) return false;
  const series = store.prepare('SELECT id FROM series WHERE run_id = ?').pluck().all(id) as number[];
  for (const one of series) {
    await emptied(store, 'rollups', 'series_id', one);
    await emptied(store, 'points', 'series_id', one);
  }
  await emptied(store, 'steps', 'run_id', id);
  return store.prepare('DELETE FROM runs WHERE id = ? AND trashed IS NOT NULL').run(id).changes === 1;
}
