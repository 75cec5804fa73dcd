/** Lists, shows and ends runs, for every host. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BorderDecision } from '../../../shared/contract/borders';
import type { CheckpointRow, ExportRow, StageRow } from '../../../shared/contract/runs';
import { AppError } from '../../../shared/errors';
import { isLive, SHOWN_STATES, shownState, type ShownState } from '../../../shared/run-state';
import { databasePath } from '../../base/home';
import { checkpointRows } from '../../store/checkpoints';
import { bordersDecided, eventsOf, type RunEvent } from '../../store/events';
import { exportsOf } from '../../store/exports';
import { openStore, type Store } from '../../store/open';
import { stageTimes } from '../../store/stages';
import { databaseError, storeError } from '../../store/store-error';
import { lastEvaluation, type ClassEvaluation } from './class-accuracy';
import { listRuns, reconcileRuns, requestRun, runById, type Run } from '../../store/runs';

/**
 * Opens the data folder's database, and records what vanished trainers have left. Where that can't be stored now, on a
 * full disk for example, the runs can still be read. Close it after use.
 */
export function openHome(home: string): Store {
  const path = databasePath(home);
  const store = openStore(path, { alone: true });
  try {
    reconcileRuns(store);
  } catch (thrown) {
    const error = storeError(thrown, path);
    if (!(error instanceof AppError)) throw error;
    console.error(
      `Runs whose trainer has vanished are shown as they were before. ${error.message} ${error.why} ${error.next}`,
    );
  }
  return store;
}

/**
 * Calls `use` with the data folder's database open. @throws AppError for the database's errors, and whatever `use`
 * throws
 */
export async function withHome<T>(home: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = openHome(home);
  try {
    return await use(store);
  } catch (error) {
    throw databaseError(error, databasePath(home));
  } finally {
    store.close();
  }
}

export interface RunFilter {
  state?: string | undefined;
  /** Id. */
  dataset?: string | undefined;
  model?: string | undefined;
}

/** Filters runs, newest first. @throws AppError usage for a state that does not exist */
export function filterRuns(store: Store, { state, dataset, model }: RunFilter): Run[] {
  if (state !== undefined && !SHOWN_STATES.includes(state as ShownState)) {
    throw new AppError({
      code: 'usage',
      what: `There is no state ${state}.`,
      why: `A run is one of ${SHOWN_STATES.join(', ')}.`,
      next: 'Correct --state.',
    });
  }
  const fits = (run: Run): boolean =>
    (state === undefined || shownState(run) === state) &&
    (dataset === undefined || run.dataset_id === dataset) &&
    (model === undefined || run.model === model);
  return listRuns(store).filter(fits);
}

export interface RunDetails {
  stages: StageRow[];
  checkpoints: CheckpointRow[];
  exports: ExportRow[];
  events: RunEvent[];
  /** Where an adaptive run has ended its stages, and why. */
  borders: BorderDecision[];
  /** Last evaluation of each kind of weights, by class; null for tasks without classes. */
  evaluation: ClassEvaluation | null;
  evaluation_ema: ClassEvaluation | null;
}

export function runDetails(store: Store, run: Run): RunDetails {
  const times = new Map(stageTimes(store, run.id).map((time) => [time.stage, time]));
  const stages = run.plan.stages.map((planned, stage): StageRow => {
    const { bandwidth, magnitude, magnitude_end, batch, replay_times, first_step, steps } = planned;
    const {
      seconds = 0,
      compute_seconds = 0,
      loader_seconds = 0,
      images = 0,
      images_decoded = 0,
    } = times.get(stage) ?? {};
    return {
      ...{ stage, bandwidth, magnitude, magnitude_end, batch, replay_times, first_step, steps },
      steps_done: Math.min(Math.max(run.step - first_step, 0), steps),
      ...{ seconds, compute_seconds, loader_seconds, images, images_decoded },
      throughput: seconds ? images / seconds : null,
    };
  });
  return {
    ...{
      stages,
      checkpoints: checkpointRows(store, run.id),
      exports: exportsOf(store, run.id),
      events: eventsOf(store, run.id),
      borders: bordersDecided(store, run.id),
    },
    ...{ evaluation: lastEvaluation(store, run.id, 'raw'), evaluation_ema: lastEvaluation(store, run.id, 'ema') },
  };
}

const POLL_MS = 100;

export interface Ended {
  /** The run in its present state. */
  run: Run;
  /** Whether the trainer has confirmed within the time limit. */
  confirmed: boolean;
  /** The newest checkpoint. */
  saved: CheckpointRow | null;
}

export interface EndOptions {
  /** Milliseconds to wait; 0: only ask. */
  waitMs: number;
  signal: AbortSignal;
  /** Called once the request is stored. */
  onAsked: (run: Run) => void;
}

/**
 * Asks a run's trainer to pause or stop, and waits until it has confirmed what was saved. Aborting ends the wait, not
 * the request.
 * @throws AppError bad_state, trainer_lost where the trainer vanished instead
 */
export async function endRun(
  store: Store,
  run: Run,
  request: 'pause' | 'stop',
  { waitMs, signal, onAsked }: EndOptions,
): Promise<Ended> {
  requestRun(store, run, request);
  let now = runById(store, run.id) as Run;
  onAsked(now);
  const deadline = performance.now() + waitMs;
  const waiting = ({ state }: Run): boolean => isLive(state) || state === 'queued';
  while (waiting(now) && performance.now() < deadline && !signal.aborted) {
    await sleep(POLL_MS);
    reconcileRuns(store);
    now = runById(store, run.id) as Run;
  }
  if (now.state === 'interrupted') {
    throw new AppError({
      code: 'trainer_lost',
      what: `The trainer of run ${run.name} vanished before it could ${request}.`,
      why: 'Its process is gone and has confirmed nothing.',
      next: `Run \`efficienttrain resume ${run.id}\` to continue from its last checkpoint.`,
      action: { id: 'resume_run' },
    });
  }
  return { run: now, confirmed: !waiting(now), saved: checkpointRows(store, run.id).at(-1) ?? null };
}
