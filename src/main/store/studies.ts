/**
 * Reads and writes the tables of studies: what was asked for, which runs and figures a study has, and which process
 * works on it.
 */
import type { CheckpointFigures, StudySpec } from '../../shared/contract/studies';
import { AppError, type ErrorData } from '../../shared/errors';
import { fromJson } from './json-column';
import type { Store } from './open';
import { IS_OWNER, TRACE_COLUMNS } from './ownership';
import { identityOf, processAlive, type ProcessIdentity, type ProcessTrace } from './process-identity';
import { runById, type Run } from './runs';

export interface StoredStudy<Spec extends StudySpec = StudySpec> {
  id: string;
  spec: Spec;
  created: string;
  request: 'stop' | null;
  /** How the last process that worked on the study ended; null: it has not ended by itself. */
  outcome: 'completed' | 'failed' | 'stopped' | null;
  error: ErrorData | null;
  /** The process that works on the study or did so last; null: none since the study was last asked for. */
  trace: ProcessTrace | null;
}

interface Row extends Omit<StoredStudy, 'spec' | 'error' | 'trace'> {
  spec: string;
  error: string | null;
  pid: number | null;
  started: string | null;
  namespace: string | null;
  host: string | null;
  heartbeatMs: number;
}

const COLUMNS = `id, spec, created, request, outcome, error, ${TRACE_COLUMNS}`;

function fromRow({ id, spec, created, request, outcome, error, pid, ...trace }: Row): StoredStudy {
  return {
    ...{ id, created, request, outcome, spec: fromJson<StudySpec>(spec), error: fromJson<ErrorData>(error) },
    trace: pid === null ? null : { pid, ...trace },
  };
}

/** Lists the studies, the newest first. */
export const storedStudies = (store: Store): StoredStudy[] =>
  store.prepare<[], Row>(`SELECT ${COLUMNS} FROM studies ORDER BY created DESC`).all().map(fromRow);

export function studyById(store: Store, id: string): StoredStudy | null {
  const row = store.prepare<[string], Row>(`SELECT ${COLUMNS} FROM studies WHERE id = ?`).get(id);
  return row ? fromRow(row) : null;
}

/** Returns the study that an id or a unique prefix of one means. @throws AppError not_found, ambiguous */
export function findStudy(store: Store, reference: string): StoredStudy {
  const found = storedStudies(store).filter(({ id }) => id.startsWith(reference));
  if (found.length === 1 && reference !== '') return found[0] as StoredStudy;
  throw new AppError({
    code: found.length > 1 ? 'ambiguous' : 'not_found',
    what: found.length > 1 ? `${reference} means more than one study.` : `There is no study ${reference}.`,
    why: found.length > 1 ? `It fits ${found.map(({ id }) => id).join(', ')}.` : 'No study here has this id.',
    next: 'Run `efficienttrain study list` to see them.',
  });
}

/** Makes a study, or changes the specification of an existing one. */
export function saveStudy(store: Store, id: string, spec: StudySpec): void {
  store
    .prepare(
      'INSERT INTO studies (id, kind, spec, created) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET spec = excluded.spec',
    )
    .run(id, spec.kind, JSON.stringify(spec), new Date().toISOString());
}

export const removeStudy = (store: Store, id: string): unknown =>
  store.prepare('DELETE FROM studies WHERE id = ?').run(id);

/** Says whether a process works on the study. */
export const isWorkedOn = ({ trace, outcome }: Pick<StoredStudy, 'trace' | 'outcome'>): boolean =>
  trace !== null && outcome === null && processAlive(trace);

/** Refuses a study that a process works on: two never work on the same one. @throws AppError bad_state */
export function refuseWorkedOn(study: StoredStudy): void {
  if (!isWorkedOn(study)) return;
  throw new AppError({
    code: 'bad_state',
    what: `Study ${study.id} can't be started.`,
    why: `Process ${study.trace?.pid} works on it.`,
    next: `Stop it first: efficienttrain study stop ${study.id}.`,
  });
}

/** Refuses a study that was stopped while its process started. @throws AppError bad_state */
function refuseStopped({ id, outcome }: StoredStudy): void {
  if (outcome !== 'stopped') return;
  throw new AppError({
    code: 'bad_state',
    what: `Study ${id} can't be started.`,
    why: 'It was stopped before its process had begun.',
    next: `\`efficienttrain study resume ${id}\` continues it.`,
  });
}

/** Takes the study for a process. @throws AppError bad_state */
export function claimStudy(store: Store, id: string, pid: number): ProcessIdentity {
  const owner = identityOf(pid);
  store
    .transaction(() => {
      const study = studyById(store, id);
      if (study) {
        refuseWorkedOn(study);
        refuseStopped(study);
      }
      store
        .prepare(
          `UPDATE studies SET pid = @pid, pid_started = @started, pid_namespace = @namespace, pid_host = @host,
              heartbeat_ms = @now, request = NULL, outcome = NULL, error = NULL WHERE id = @id`,
        )
        .run({ ...owner, id, now: Date.now() });
    })
    .immediate();
  return owner;
}

/** Shows that the owner lives. */
export function beatStudy(store: Store, id: string, { pid, started, namespace }: ProcessIdentity): void {
  store
    .prepare(`UPDATE studies SET heartbeat_ms = @now WHERE id = @id AND ${IS_OWNER}`)
    .run({ id, now: Date.now(), pid, started, namespace });
}

/** Returns the owner's request; `taken`: another process has the study now, or it was removed. */
export function askedOfStudy(
  store: Store,
  id: string,
  { pid, started, namespace }: ProcessIdentity,
): 'stop' | 'taken' | null {
  const request = store
    .prepare<object, 'stop' | null>(`SELECT request FROM studies WHERE id = @id AND ${IS_OWNER}`)
    .pluck()
    .get({ id, pid, started, namespace });
  return request === undefined ? 'taken' : request;
}

/** Records the study's end; its owner calls this. Null leaves it as interrupted. */
export function endStudy(
  store: Store,
  id: string,
  { pid, started, namespace }: ProcessIdentity,
  { outcome, error = null }: Pick<StoredStudy, 'outcome'> & { error?: ErrorData | null },
): void {
  store
    .prepare(
      `UPDATE studies SET outcome = @outcome, error = @error, request = NULL, pid = NULL, heartbeat_ms = NULL
        WHERE id = @id AND ${IS_OWNER}`,
    )
    .run({ id, outcome, error: error && JSON.stringify(error), pid, started, namespace });
}

/** Asks the process that works on it to stop. */
export const requestStudyStop = (store: Store, id: string): unknown =>
  store.prepare("UPDATE studies SET request = 'stop' WHERE id = ?").run(id);

/** Sets the outcome of a study that no process works on. */
export const setStudyOutcome = (store: Store, id: string, outcome: StoredStudy['outcome']): unknown =>
  store
    .prepare('UPDATE studies SET outcome = ?, request = NULL, error = NULL, pid = NULL WHERE id = ?')
    .run(outcome, id);

/** One training of a study. */
export interface StudyRun {
  /** Null: it is the unfiltered baseline. */
  radius: number | null;
  seed: number;
  /** Null: the run was removed, or is in the trash. */
  run: Run | null;
}

/** Lists the runs of a study by radius and seed, the baseline's first. */
export const studyRuns = (store: Store, id: string): StudyRun[] =>
  store
    .prepare<[string], { radius: number; seed: number; run: string }>(
      'SELECT radius, seed, run_id AS run FROM study_runs WHERE study_id = ? ORDER BY radius, seed',
    )
    .all(id)
    .map(({ radius, seed, run: known }) => {
      const run = runById(store, known);
      return { radius: radius || null, seed, run: run?.trashed === null ? run : null };
    });

export function setStudyRun(store: Store, study: string, radius: number | null, seed: number, run: string): void {
  store
    .prepare(
      `INSERT INTO study_runs (study_id, radius, seed, run_id) VALUES (?, ?, ?, ?)
        ON CONFLICT (study_id, radius, seed) DO UPDATE SET run_id = excluded.run_id`,
    )
    .run(study, radius ?? 0, seed, run);
}

/** Figures measured from a run's checkpoint at one step. */
export interface StoredCheckpoint extends CheckpointFigures {
  weights: 'ema' | 'raw';
  /** Number of validation images. */
  images: number;
}

export const studyCheckpoints = (store: Store, id: string): StoredCheckpoint[] =>
  store
    .prepare<[string], string>('SELECT figures FROM study_checkpoints WHERE study_id = ? ORDER BY step')
    .pluck()
    .all(id)
    .map((text) => fromJson<StoredCheckpoint>(text));

export function setStudyCheckpoint(store: Store, study: string, figures: StoredCheckpoint): void {
  store
    .prepare('INSERT OR REPLACE INTO study_checkpoints (study_id, step, figures) VALUES (?, ?, ?)')
    .run(study, figures.step, JSON.stringify(figures));
}
