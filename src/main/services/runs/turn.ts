/** When a process that trains several runs, one after the other, may start the next one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isLive } from '../../../shared/run-state';
import type { Store } from '../../store/open';
import { liveDevices, queuedRuns } from '../../store/run-devices';
import { reconcileRuns, runById, type Run } from '../../store/runs';
import { nextToStart } from '../gpu/assign';
import { usableGpus } from '../gpu/usable';

const LOOK_MS = 200;
/** Longer than between two looks of a window's host, which starts what waits in its queue. */
const GIVE_WAY_MS = 5000;

/** A run that another process trains is waited for. @returns it as it then is */
export async function released(store: Store, id: string, signal: AbortSignal): Promise<Run> {
  for (;;) {
    reconcileRuns(store);
    const run = runById(store, id) as Run;
    if (!isLive(run.state) || signal.aborted) return run;
    await sleep(LOOK_MS);
  }
}

/**
 * Resolves when the run's device is free. A run that waits in the queue goes first where a window's host is there to
 * start it; where none is, nobody will.
 */
export async function turnOf(store: Store, { id, config }: Run, signal: AbortSignal): Promise<void> {
  let since: number | null = null;
  const gpus = await usableGpus();
  while (!signal.aborted) {
    reconcileRuns(store);
    const busy = liveDevices(store, id);
    const free = nextToStart([{ id, state: 'queued', asked: config.engine.device }], gpus, busy) !== null;
    since = free ? (since ?? performance.now()) : null;
    const queue = queuedRuns(store).filter((waiting) => waiting.id !== id);
    const isFirst = nextToStart(queue, gpus, busy) === null;
    if (since !== null && (isFirst || performance.now() - since > GIVE_WAY_MS)) return;
    await sleep(LOOK_MS);
  }
}
