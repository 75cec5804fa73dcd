/** Reads and writes the table `searches`, which also says which process has a search. */
import type { SearchSpec } from '../../shared/contract/searches';
import { AppError, type ErrorData } from '../../shared/errors';
import { isLive, isResumable, LIVE_STATES, RESUMABLE_STATES, type RunState } from '../../shared/run-state';
import type { Schedule } from '../../shared/search/problem';
import { fromJson } from './json-column';
import type { Store } from './open';
import { IS_OWNER, TRACE_COLUMNS } from './ownership';
import { identityOf, processAlive, type ProcessIdentity, type ProcessTrace } from './process-identity';
import { newRunId } from './runs';

export interface Search {
  id: string;
  name: string;
  state: RunState;
  spec: SearchSpec;
  created: string;
  started: string | null;
  ended: string | null;
  /** Number of seconds that its processes have searched. */
  seconds: number;
  request: 'stop' | null;
  error: ErrorData | null;
  reason: string;
  chosen: Schedule | null;
  decided: number;
  /** Id of the preset that it was saved as. */
  preset: string | null;
}

/** Specifications of the version before lack `overlap`. */
type StoredSpec = Omit<SearchSpec, 'overlap'> & Partial<Pick<SearchSpec, 'overlap'>>;

interface Row extends Omit<Search, 'spec' | 'error' | 'chosen'> {
  spec: string;
  error: string | null;
  chosen: string | null;
}

const COLUMNS =
  'id, name, state, spec, created, started, ended, seconds, request, error, reason, chosen, decided, preset';
const list = (states: readonly RunState[]): string => states.map((state) => `'${state}'`).join(', ');

const fromRow = (row: Row): Search => ({
  ...row,
  // A search continues with the rule that it was begun with.
  spec: { overlap: 'mean', ...fromJson<StoredSpec>(row.spec) },
  error: fromJson<ErrorData>(row.error),
  chosen: fromJson<Schedule>(row.chosen),
});

/** Lists the searches, the newest first. */
export const listSearches = (store: Store): Search[] =>
  store.prepare<[], Row>(`SELECT ${COLUMNS} FROM searches ORDER BY created DESC`).all().map(fromRow);

export function searchById(store: Store, id: string): Search | null {
  const row = store.prepare<[string], Row>(`SELECT ${COLUMNS} FROM searches WHERE id = ?`).get(id);
  return row ? fromRow(row) : null;
}

/** Returns the search that an id, a unique prefix of one, or a name means. @throws AppError not_found, ambiguous */
export function findSearch(store: Store, reference: string): Search {
  const all = listSearches(store);
  const exact = all.find(({ id }) => id === reference);
  if (exact) return exact;
  const named = all.filter(({ name }) => name === reference);
  const found = named.length || reference === '' ? named : all.filter(({ id }) => id.startsWith(reference));
  if (found.length === 1) return found[0] as Search;
  const [code, what] = found.length
    ? (['ambiguous', `${reference} means more than one search.`] as const)
    : (['not_found', `There is no search ${reference}.`] as const);
  throw new AppError({
    code,
    what,
    why: found.length
      ? `It fits ${found.map(({ id, name }) => `${id} (${name})`).join(', ')}.`
      : 'No id, prefix of an id or name is this.',
    next: 'Run `efficienttrain search list` to see them.',
  });
}

export function createSearch(store: Store, name: string, spec: SearchSpec): Search {
  const id = newRunId();
  store
    .prepare("INSERT INTO searches (id, name, state, spec, created) VALUES (?, ?, 'queued', ?, ?)")
    .run(id, name || `search-${id.slice(0, 4)}`, JSON.stringify(spec), new Date().toISOString());
  return searchById(store, id) as Search;
}

export const removeSearch = (store: Store, id: string): unknown =>
  store.prepare('DELETE FROM searches WHERE id = ?').run(id);

/**
 * Takes a queued search for this process in one atomic step, so that two never search the same one, and so that one
 * which was stopped while its process started stays stopped.
 * @throws AppError bad_state, not_found
 */
export function claimSearch(store: Store, id: string, pid: number): ProcessIdentity {
  const owner = identityOf(pid);
  const { changes } = store
    .prepare(
      `UPDATE searches SET state = 'running', pid = @pid, pid_started = @started, pid_namespace = @namespace, pid_host = @host,
          heartbeat_ms = @now, request = NULL, error = NULL, reason = '', ended = NULL, started = coalesce(started, @date)
        WHERE id = @id AND state = 'queued'`,
    )
    .run({ ...owner, id, now: Date.now(), date: new Date().toISOString() });
  if (changes === 1) return owner;
  const search = searchById(store, id);
  throw new AppError({
    code: search ? 'bad_state' : 'not_found',
    what: search ? `Search ${search.name} can't be started.` : `There is no search ${id}.`,
    why: search ? `It is ${search.state}.` : 'It may have been removed.',
    next: search && isLive(search.state) ? 'Stop it first.' : 'Start a new search.',
  });
}

/** Marks a search that is to be resumed as queued, until a process takes it; it can be stopped before. */
export const queueSearch = (store: Store, id: string): unknown =>
  store
    .prepare(
      `UPDATE searches SET state = 'queued', request = NULL, error = NULL, reason = '', ended = NULL
        WHERE id = ? AND state IN (${list(RESUMABLE_STATES)})`,
    )
    .run(id);

/** Shows that the owner lives, and adds the seconds that it has taken since it last did. */
export function beatSearch(store: Store, id: string, owner: ProcessIdentity, seconds: number): void {
  const { pid, started, namespace } = owner;
  store
    .prepare(`UPDATE searches SET heartbeat_ms = @now, seconds = seconds + @seconds WHERE id = @id AND ${IS_OWNER}`)
    .run({ id, now: Date.now(), seconds, pid, started, namespace });
}

/** Returns the owner's request; `taken`: another process has the search now, or it was removed. */
export function askedOfSearch(
  store: Store,
  id: string,
  { pid, started, namespace }: ProcessIdentity,
): 'stop' | 'taken' | null {
  const row = store
    .prepare(`SELECT request FROM searches WHERE id = @id AND ${IS_OWNER}`)
    .get({ id, pid, started, namespace }) as Pick<Search, 'request'> | undefined;
  return row ? row.request : 'taken';
}

export function setChosen(store: Store, id: string, chosen: Schedule | null, decided: number): void {
  store
    .prepare(
      'UPDATE searches SET chosen = @chosen, decided = @decided WHERE id = @id AND (chosen IS NOT @chosen OR decided <> @decided)',
    )
    .run({ id, chosen: chosen && JSON.stringify(chosen), decided });
}

export const setSearchPreset = (store: Store, id: string, preset: string): unknown =>
  store.prepare('UPDATE searches SET preset = ? WHERE id = ?').run(preset, id);

/**
 * Asks the process that has the search to stop; a search that no process has is stopped at once. @throws AppError
 * bad_state
 */
export function requestSearchStop(store: Store, { id, name }: Pick<Search, 'id' | 'name'>): void {
  const { changes } = store
    .prepare(
      `UPDATE searches SET request = CASE state WHEN 'queued' THEN NULL ELSE 'stop' END,
          state = CASE state WHEN 'queued' THEN 'stopped' ELSE 'stopping' END
        WHERE id = ? AND state IN (${list(['queued', ...LIVE_STATES])})`,
    )
    .run(id);
  if (changes) return;
  const state = searchById(store, id)?.state ?? 'draft';
  throw new AppError({
    code: 'bad_state',
    what: `Search ${name} can't be stopped.`,
    why: `It is ${state}.`,
    next: isResumable(state)
      ? `\`efficienttrain search resume ${id}\` continues it.`
      : 'Only one that is searching can be stopped.',
  });
}

export interface SearchEnd {
  state: 'completed' | 'stopped' | 'interrupted' | 'failed';
  error: ErrorData | null;
  reason: string;
}

/** Records the search's end; its owner calls this. */
export function endSearch(store: Store, id: string, owner: ProcessIdentity, { state, error, reason }: SearchEnd): void {
  const { pid, started, namespace } = owner;
  store
    .prepare(
      `UPDATE searches SET state = @state, error = @error, reason = @reason, ended = @date, request = NULL,
          pid = NULL, pid_started = NULL, pid_namespace = NULL, pid_host = NULL WHERE id = @id AND ${IS_OWNER}`,
    )
    .run({
      ...{ id, state, reason, pid, started, namespace },
      ...{ error: error && JSON.stringify(error), date: new Date().toISOString() },
    });
}

/** Marks searches as interrupted whose process is gone. */
export function reconcileSearches(store: Store): string[] {
  const rows = store
    .prepare(`SELECT id, ${TRACE_COLUMNS} FROM searches WHERE state IN (${list(LIVE_STATES)})`)
    .all() as (ProcessTrace & { id: string })[];
  const update = store.prepare(
    `UPDATE searches SET state = 'interrupted', ended = @date, request = NULL, pid = NULL, pid_started = NULL, pid_namespace = NULL,
        pid_host = NULL WHERE id = @id AND heartbeat_ms = @heartbeatMs AND ${IS_OWNER}`,
  );
  return rows.flatMap(({ id, ...trace }) => {
    if (processAlive(trace)) return [];
    const { pid, started, namespace, heartbeatMs } = trace;
    return update.run({ id, date: new Date().toISOString(), pid, started, namespace, heartbeatMs }).changes ? [id] : [];
  });
}
