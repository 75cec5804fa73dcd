/** Rows of `runs`, and the rules of who may change them. */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { AppError, type ErrorData } from '../../shared/errors';
import type { Best } from '../../shared/contract/common';
import type { RunDevice } from '../../shared/contract/devices';
import type { ConfigOrigin, RunConfig } from '../../shared/run-config';
import { isLive, isResumable, LIVE_STATES, RESUMABLE_STATES, type RunState } from '../../shared/run-state';
import { withLaterPlanFields, type Plan, type StoredPlan } from '../../shared/curriculum/plan';
import type { Store } from './open';
import { parseBest } from './best';
import { addVanishedEvent } from './events';
import { briefOf } from './run-plan';
import { fromJson } from './json-column';
import { spoolPathOf, takeSpooled } from './spool';
import { traceOf } from './ownership';
import {
  identityOf,
  LONGEST_SILENCE_MS,
  ownNamespace,
  processAlive,
  type ProcessIdentity,
  type ProcessTrace,
} from './process-identity';

/** Origin of a run's first weights, frozen when it was created: the parent may be trained further, or removed. */
export interface RunParent {
  /** Id of the parent. */
  run: string;
  /** Name of the parent now, or when this run was created where the parent has been removed. */
  name: string;
  /** Finished steps of the checkpoint that was taken. */
  step: number;
  /** Compute that had gone into that checkpoint, in passes at the final size, with that of the parent's own parent. */
  equivalent_epochs: number;
}

export interface Run {
  id: string;
  name: string;
  state: RunState;
  dataset_id: string;
  model: string;
  config: RunConfig;
  origin: ConfigOrigin;
  plan: Plan;
  created: string;
  started: string | null;
  ended: string | null;
  step: number;
  steps: number;
  best: Best | null;
  error: ErrorData | null;
  wall_seconds: number;
  request: 'pause' | 'stop' | null;
  pid: number | null;
  engine: unknown;
  /** The device of its last start; null before the first. */
  device: RunDevice | null;
  tags: string[];
  notes: string;
  /** The trainer's live view; null before the first. */
  progress: unknown;
  queue_position: number | null;
  /** Whether it keeps training when its host ends. */
  background: boolean;
  archived: boolean;
  trashed: string | null;
  /** Number of its colour, dash and marker, which never changes. */
  series: number;
  /** The parent; null where it started from random weights or from a file. */
  parent: RunParent | null;
}

/** Columns of `runs` that make a `Run`: JSON is text, booleans are 0 and 1. */
interface RunRow extends Omit<Run, JsonColumn | 'background' | 'archived' | 'parent'> {
  config: string;
  origin: string;
  plan: string;
  best: string | null;
  error: string | null;
  engine: string | null;
  device: string | null;
  tags: string;
  progress: string | null;
  background: 0 | 1;
  archived: 0 | 1;
  parent_run: string | null;
  parent_step: number;
  parent_name: string;
  parent_epochs: number;
}
type JsonColumn = 'config' | 'origin' | 'plan' | 'best' | 'error' | 'engine' | 'device' | 'tags' | 'progress';

const COLUMNS = `id, name, state, dataset_id, model, config, origin, plan, created, started, ended, step, steps, best, error, wall_seconds,
  request, pid, engine, device, tags, notes, progress, queue_position, background, archived, trashed, series, parent_run, parent_step,
  coalesce((SELECT parents.name FROM runs AS parents WHERE parents.id = runs.parent_run), parent_name) AS parent_name, parent_epochs`;

const fromRow = ({ parent_run, parent_step, parent_name, parent_epochs, ...row }: RunRow): Run => ({
  ...row,
  config: fromJson<RunConfig>(row.config),
  origin: fromJson<ConfigOrigin>(row.origin),
  plan: withLaterPlanFields(fromJson<StoredPlan>(row.plan)),
  best: parseBest(row.best),
  error: fromJson<ErrorData>(row.error),
  engine: fromJson<unknown>(row.engine),
  device: fromJson<RunDevice>(row.device),
  tags: fromJson<string[]>(row.tags),
  progress: fromJson<unknown>(row.progress),
  background: row.background === 1,
  archived: row.archived === 1,
  parent:
    parent_run === null
      ? null
      : { run: parent_run, step: parent_step, name: parent_name, equivalent_epochs: parent_epochs },
});

/** Draws eight letters and digits that are easy to read aloud. */
export function newRunId(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  return Array.from(randomBytes(8), (byte) => letters[byte % letters.length]).join('');
}

export interface NewRun {
  /** Id of the run. Default: a new one. */
  id?: string;
  config: RunConfig;
  origin: ConfigOrigin;
  plan: Plan;
  parent?: RunParent | null;
  /** Number of finished steps with which it begins: those that another run has trained. */
  step?: number;
}

export function createRun(
  store: Store,
  { id = newRunId(), config, origin, plan, parent = null, step = 0 }: NewRun,
): Run {
  const name = config.name || `${config.model}-${config.schedule.preset}-${id.slice(0, 4)}`;
  store
    .prepare(
      `INSERT INTO runs (id, name, state, dataset_id, model, config, origin, plan, brief, created, step, steps, parent_run, parent_step,
          parent_name, parent_epochs, series)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(series) + 1, 0) FROM runs))`,
    )
    .run(
      id,
      name,
      'queued',
      config.dataset,
      config.model,
      JSON.stringify({ ...config, name }),
      JSON.stringify(origin),
      JSON.stringify(plan),
      JSON.stringify(briefOf(config, plan)),
      new Date().toISOString(),
      step,
      plan.totals.steps,
      parent?.run,
      parent?.step,
      parent?.name,
      parent?.equivalent_epochs,
    );
  return runById(store, id) as Run;
}

export function runById(store: Store, id: string): Run | null {
  const row = store.prepare<[string], RunRow>(`SELECT ${COLUMNS} FROM runs WHERE id = ?`).get(id);
  return row ? fromRow(row) : null;
}

export const listRuns = (store: Store): Run[] =>
  store.prepare<[], RunRow>(`SELECT ${COLUMNS} FROM runs ORDER BY created DESC`).all().map(fromRow);

/** Returns the names of all runs, those in the trash too. */
export const runNames = (store: Store): string[] => store.prepare<[], string>('SELECT name FROM runs').pluck().all();

type Named = Pick<Run, 'id' | 'name'>;

/** Returns the run of an id, a unique prefix of one, or a name. @throws AppError not_found, ambiguous */
export function findRun(store: Store, reference: string): Run {
  const exact = runById(store, reference);
  if (exact) return exact;
  const named = store.prepare<[string], Named>('SELECT id, name FROM runs WHERE name = ?').all(reference);
  // Ids contain letters and digits only, and ~ sorts after them all.
  const prefixed = (): Named[] =>
    store
      .prepare<[string, string], Named>('SELECT id, name FROM runs WHERE id >= ? AND id < ?')
      .all(reference, `${reference}~`);
  const found = named.length || reference === '' ? named : prefixed();
  if (found.length === 1) return runById(store, found[0]?.id ?? '') as Run;
  if (!found.length)
    throw new AppError({
      code: 'not_found',
      what: `There is no run ${reference}.`,
      why: 'No id, prefix of an id or name is this.',
      next: 'Run `efficienttrain runs` to see them.',
      action: { id: 'choose_run' },
    });
  const candidates = found.map(({ id, name }) => `${id} (${name})`).join(', ');
  throw new AppError({
    code: 'ambiguous',
    what: `${reference} means more than one run.`,
    why: `It fits ${candidates}.`,
    next: 'Use the id.',
  });
}

/** Returns the ids of runs that a trainer owns, or owned when it vanished. */
export const liveIds = (store: Store): string[] =>
  store
    .prepare<[], string>(`SELECT id FROM runs WHERE state IN (${list(LIVE_STATES)})`)
    .pluck()
    .all();

/**
 * Returns the process ids of the trainers that are visible from here. In rows of earlier versions that is not known,
 * and they count.
 */
export const livePids = (store: Store): number[] =>
  store
    .prepare<[string | null], number>(
      `SELECT pid FROM runs WHERE state IN (${list(LIVE_STATES)}) AND pid IS NOT NULL AND (pid_namespace IS ? OR pid_namespace IS NULL)`,
    )
    .pluck()
    .all(ownNamespace());

const list = (states: readonly RunState[]): string => states.map((state) => `'${state}'`).join(', ');

/**
 * Takes the run for this process, in one atomic step, so that two hosts never train the same run.
 * @returns the identity of this process, to write with @throws AppError bad_state, not_found
 */
export function claimRun(store: Store, id: string, pid: number): ProcessIdentity {
  const owner = identityOf(pid);
  // A request made while the run was queued stays: the trainer answers it before its first step.
  const { changes } = store
    .prepare(
      `UPDATE runs SET state = 'preparing', pid = @pid, pid_started = @started, pid_namespace = @namespace, pid_host = @host,
                heartbeat_ms = @now, request = CASE state WHEN 'queued' THEN request END,
                error = NULL, ended = NULL, device = NULL, started = coalesce(started, @date)
              WHERE id = @id AND state IN (${list(['queued', ...RESUMABLE_STATES])})`,
    )
    .run({ ...owner, id, now: Date.now(), date: new Date().toISOString() });
  if (changes === 1) return owner;
  const run = runById(store, id);
  if (!run)
    throw new AppError({
      code: 'not_found',
      what: `There is no run ${id}.`,
      why: 'It may have been removed.',
      next: 'Run `efficienttrain runs`.',
      action: { id: 'choose_run' },
    });
  throw new AppError({
    code: 'bad_state',
    what: `Run ${run.name} can't be started.`,
    why: `It is ${run.state}${ownerText(store, id)}.`,
    next: isLive(run.state)
      ? `Pause or stop it first. A trainer elsewhere that has ended counts as gone ${LONGEST_SILENCE_MS / 60_000} minutes after its last sign of life.`
      : 'Start a new run.',
  });
}

function ownerText(store: Store, id: string): string {
  const trace = traceOf(store, id);
  if (!trace) return '';
  const { pid, host, heartbeatMs } = trace;
  const seconds = Math.max(0, Math.round((Date.now() - heartbeatMs) / 1000));
  return `, by process ${pid}${host === null ? '' : ` on ${host}`}, which last showed life ${seconds} s ago`;
}

/**
 * Asks the trainer to pause or stop. It returns at once, and the trainer confirms later. A stop overrides a pause.
 * @throws AppError bad_state
 */
export function requestRun(store: Store, run: Run, request: 'pause' | 'stop'): void {
  const asked = { request, id: run.id, state: request === 'pause' ? 'pausing' : 'stopping' };
  const from: RunState[] = ['queued', ...LIVE_STATES.filter((state) => request === 'stop' || state !== 'stopping')];
  // A queued run has no trainer yet to confirm, and must stay claimable.
  const { changes } = store
    .prepare(
      `UPDATE runs SET request = @request, state = CASE state WHEN 'queued' THEN state ELSE @state END WHERE id = @id AND state IN (${list(from)})`,
    )
    .run(asked);
  if (changes === 1) return;
  const { state } = runById(store, run.id) ?? run;
  const next = isResumable(state)
    ? `It is not training; \`efficienttrain resume ${run.id}\` continues it.`
    : 'Only a run that is training can be paused or stopped.';
  throw new AppError({
    code: 'bad_state',
    what: `Run ${run.name} can't be ${request === 'pause' ? 'paused' : 'stopped'}.`,
    why: `It is ${state}.`,
    next,
    action: isResumable(state) ? { id: 'resume_run' } : undefined,
  });
}

/** Deletes the request of a run that no process trains. */
export function clearRequest(store: Store, id: string): void {
  store.prepare(`UPDATE runs SET request = NULL WHERE id = ? AND state NOT IN (${list(LIVE_STATES)})`).run(id);
}

/**
 * Stops a queued run, which has no trainer to confirm it. One that a trainer has claimed meanwhile keeps the request,
 * and its trainer answers.
 */
export function stopWaiting(store: Store, id: string): void {
  store
    .prepare(
      "UPDATE runs SET state = 'stopped', request = NULL, ended = ?, queue_position = NULL WHERE id = ? AND state = 'queued'",
    )
    .run(new Date().toISOString(), id);
}

/** Marks a queued run as failed whose trainer ended before it claimed it. */
export function failUnclaimed(store: Store, id: string, error: ErrorData): void {
  store
    .prepare(
      "UPDATE runs SET state = 'failed', error = ?, ended = ?, queue_position = NULL WHERE id = ? AND state = 'queued'",
    )
    .run(JSON.stringify(error), new Date().toISOString(), id);
}

/** Returns the live runs whose trainer has ended, with its identity. */
export function orphanedRuns(store: Store): { id: string; trace: ProcessTrace | null }[] {
  return liveIds(store).flatMap((id) => {
    const trace = traceOf(store, id);
    return trace && processAlive(trace) ? [] : [{ id, trace }];
  });
}

/**
 * Marks runs whose trainer has ended as interrupted, or as the trainer's spool file says. Every host does this when it
 * starts.
 */
export function reconcileRuns(store: Store): string[] {
  // In the meantime another host may have claimed the run, or its trainer may have shown a heartbeat after all.
  const update = store.prepare(
    `UPDATE runs SET state = 'interrupted', pid = NULL, pid_started = NULL, pid_namespace = NULL, pid_host = NULL, request = NULL,
        progress = NULL, background = 0, ended = @now
      WHERE id = @id AND pid IS @pid AND pid_started IS @started AND pid_namespace IS @namespace AND heartbeat_ms IS @heartbeatMs
        AND state IN (${list(LIVE_STATES)})`,
  );
  const nobody = { pid: null, started: null, namespace: null, heartbeatMs: null };
  return orphanedRuns(store).flatMap(({ id, trace }) => {
    takeSpooled(store, id, spoolPathOf(dirname(store.name), id));
    const now = new Date().toISOString();
    const { pid, started, namespace, heartbeatMs } = trace ?? nobody;
    if (!update.run({ id, now, pid, started, namespace, heartbeatMs }).changes) return [];
    addVanishedEvent(store, id, now);
    return [id];
  });
}
