/** Changes that a user makes to runs without training them: name, notes, tags, archive, trash, queue, background. */
import { AppError } from '../../shared/errors';
import { isLive, LIVE_STATES, RESUMABLE_STATES } from '../../shared/run-state';
import type { Store } from './open';
import { runById } from './runs';

const LIVE = LIVE_STATES.map((state) => `'${state}'`).join(', ');

const missing = (id: string): AppError =>
  new AppError({
    code: 'not_found',
    what: `There is no run ${id}.`,
    why: 'It may have been removed for good.',
    next: 'Check the list of runs.',
  });

/** Checks that a row was changed. @throws AppError not_found */
function changed(id: string, { changes }: { changes: number }): void {
  if (!changes) throw missing(id);
}

export function renameRun(store: Store, id: string, name: string): void {
  changed(id, store.prepare('UPDATE runs SET name = ? WHERE id = ?').run(name, id));
}

/** Changes the defined fields; undefined ones stay. */
export function annotateRun(
  store: Store,
  id: string,
  { notes, tags }: { notes?: string | undefined; tags?: string[] | undefined },
): void {
  const distinct = tags && JSON.stringify([...new Set(tags)]);
  const update = store.prepare('UPDATE runs SET notes = coalesce(?, notes), tags = coalesce(?, tags) WHERE id = ?');
  changed(id, update.run(notes ?? null, distinct ?? null, id));
}

export function archiveRuns(store: Store, ids: readonly string[], archived: boolean): void {
  const update = store.prepare('UPDATE runs SET archived = ? WHERE id = ?');
  store.transaction(() => ids.forEach((id) => changed(id, update.run(archived ? 1 : 0, id))))();
}

/**
 * Moves runs to or from the trash, all or none. Restored runs are as before, except that they have left the queue.
 * @throws AppError not_found, bad_state
 */
export function trashRuns(store: Store, ids: readonly string[], trashed: boolean): void {
  const away = store.prepare(
    `UPDATE runs SET trashed = ?, queue_position = NULL WHERE id = ? AND state NOT IN (${LIVE})`,
  );
  const back = store.prepare('UPDATE runs SET trashed = NULL WHERE id = ?');
  const now = new Date().toISOString();
  store.transaction(() => {
    for (const id of ids) {
      if (!trashed) changed(id, back.run(id));
      else if (!away.run(now, id).changes) throw notNow(store, id);
    }
  })();
}

function notNow(store: Store, id: string): AppError {
  const run = runById(store, id);
  if (!run || !isLive(run.state)) return missing(id);
  return new AppError({
    code: 'bad_state',
    what: `Run ${run.name} can't be put into the trash.`,
    why: `It is ${run.state}.`,
    next: 'Stop it first.',
  });
}

/** Says whether a live run continues when its host ends. */
export const goesOnAlone = (store: Store, id: string): boolean =>
  store.prepare('SELECT background FROM runs WHERE id = ?').pluck().get(id) === 1;

export function setBackground(store: Store, id: string, background: boolean): void {
  changed(id, store.prepare('UPDATE runs SET background = ? WHERE id = ?').run(background ? 1 : 0, id));
}

/** Adds a run at the queue's end. */
export function enqueueRun(store: Store, id: string): void {
  store
    .prepare('UPDATE runs SET queue_position = (SELECT coalesce(max(queue_position), 0) + 1 FROM runs) WHERE id = ?')
    .run(id);
}

/** Queues a run that is not trained to its end again, at the queue's end. It continues from its last checkpoint. */
export function requeueRun(store: Store, id: string): void {
  const states = ['queued', ...RESUMABLE_STATES].map((state) => `'${state}'`).join(', ');
  store
    .prepare(`UPDATE runs SET state = 'queued', request = NULL, error = NULL WHERE id = ? AND state IN (${states})`)
    .run(id);
  enqueueRun(store, id);
}

/** Puts these runs, in this order, before all others that wait; `remove` leaves the queue. */
export function orderQueue(store: Store, order: readonly string[], remove: readonly string[]): void {
  const first = store.prepare('SELECT min(queue_position) FROM runs WHERE queue_position IS NOT NULL').pluck();
  const place = store.prepare('UPDATE runs SET queue_position = ? WHERE id = ?');
  store.transaction(() => {
    for (const id of remove) changed(id, place.run(null, id));
    const before = ((first.get() as number | null) ?? 1) - order.length;
    order.forEach((id, index) => changed(id, place.run(before + index, id)));
  })();
}
