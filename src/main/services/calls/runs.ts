import { lstat, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { departures } from '../../../shared/run-config-resolve';
import { AppError } from '../../../shared/errors';
import { isLive, isResumable } from '../../../shared/run-state';
import type { RunDetails } from '../../../shared/contract/runs';
import { runFolder } from '../../base/home';
import { listDatasets } from '../../store/datasets';
import { eventsAfter } from '../../store/events';
import { lineageOf } from '../../store/lineage';
import { computeSpent, seriesNames } from '../../store/metrics';
import { runChanges, runSummaries, runSummary } from '../../store/run-list';
import { annotateRun, archiveRuns, orderQueue, renameRun, setBackground, trashRuns } from '../../store/run-marks';
import { removeRun } from '../../store/run-removal';
import { clearRequest, findRun, requestRun, stopWaiting } from '../../store/runs';
import type { CallContext, Handlers } from '../core/context';
import { runDetails } from '../runs/runs';

const MOST_EVENTS = 2000;

async function detailsOf({ store, home }: CallContext, reference: string): Promise<RunDetails> {
  const { modelEntry } = await import('../../engine/models');
  const run = findRun(store, reference);
  const { stages, checkpoints, exports, borders } = runDetails(store, run);
  const dataset = listDatasets(store).find(({ id }) => id === run.dataset_id);
  const { config, origin, plan, engine, device, notes, request, background } = run;
  return {
    ...{ config, plan, engine, device, notes, request, background, stages, checkpoints, exports, borders },
    summary: runSummary(store, run.id) as RunDetails['summary'],
    origin: origin as RunDetails['origin'],
    departures: departures(config, modelEntry(config.model)),
    equivalent_epochs_done: computeSpent(store, run.id),
    cores: availableParallelism(),
    classes: dataset?.classes.slice() ?? [],
    dataset_kept: dataset?.record.kept ?? {},
    series: seriesNames(store, run.id),
    lineage: lineageOf(store, run),
    folder: runFolder(home, run.id),
  };
}

/**
 * Stores a request in the database, for a trainer of any host, and sends it to a trainer of this host, which receives
 * it between two steps.
 */
function ask({ store, scheduler }: CallContext, reference: string, request: 'pause' | 'stop'): null {
  const run = findRun(store, reference);
  requestRun(store, run, request);
  // Before its trainer runs, nothing could receive the request.
  if (scheduler.ask(run.id, request) || run.state !== 'queued') return null;
  if (request === 'stop') stopWaiting(store, run.id);
  else {
    orderQueue(store, [], [run.id]);
    clearRequest(store, run.id);
  }
  return null;
}

/**
 * Deletes runs for good, checkpoints first: a run that is left in the trash after an error half-way can be removed
 * again.
 */
async function purge({ store, home }: CallContext, reference: string): Promise<void> {
  const run = findRun(store, reference);
  if (run.trashed === null)
    throw new AppError({
      code: 'bad_state',
      what: `Run ${run.name} can't be removed for good.`,
      why: 'It is not in the trash.',
      next: 'Put it into the trash first.',
    });
  // Its trainer would write into a folder that is gone.
  if (isLive(run.state))
    throw new AppError({
      code: 'bad_state',
      what: `Run ${run.name} can't be removed for good.`,
      why: `It is ${run.state}.`,
      next: 'Stop it first.',
    });
  const folder = runFolder(home, run.id);
  const found = await lstat(folder).catch(() => null);
  if (found) await rm(folder, { recursive: true });
  await removeRun(store, run.id);
}

export const handlers: Handlers<'runs'> = {
  'runs.list': ({ store }) => runSummaries(store),
  'runs.changes': ({ store }, { since }) => runChanges(store, since),
  'runs.get': (context, { run }) => detailsOf(context, run),
  'runs.events': ({ store }, { run, since }) => eventsAfter(store, findRun(store, run).id, since, MOST_EVENTS),
  'runs.pause': (context, { run }) => ask(context, run, 'pause'),
  'runs.stop': (context, { run }) => ask(context, run, 'stop'),
  'runs.start': ({ store, scheduler }, { run: reference }) => {
    const run = findRun(store, reference);
    if (run.trashed !== null && (isResumable(run.state) || run.state === 'queued')) trashRuns(store, [run.id], false);
    scheduler.start(run.id);
    return null;
  },
  'runs.rename': ({ store }, { run, name }) => {
    renameRun(store, run, name);
    return null;
  },
  'runs.annotate': ({ store }, { run, ...changes }) => {
    annotateRun(store, run, changes);
    return null;
  },
  'runs.archive': ({ store }, { runs, archived }) => {
    archiveRuns(store, runs, archived);
    return null;
  },
  'runs.trash': ({ store }, { runs, trashed }) => {
    trashRuns(store, runs, trashed);
    return null;
  },
  'runs.purge': async (context, { runs }) => {
    for (const run of runs) await purge(context, run);
    return null;
  },
  'runs.background': ({ store }, { run, background }) => {
    setBackground(store, run, background);
    return null;
  },
  'runs.queue': ({ store, scheduler }, { order, remove }) => {
    orderQueue(store, order, remove);
    scheduler.look();
    return null;
  },
};
