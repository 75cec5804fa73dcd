/** Reads the devices of the runs that train, and those that queued runs ask for. */
import type { RunDevice } from '../../shared/contract/devices';
import type { DeviceName } from '../../shared/run-config';
import { LIVE_STATES } from '../../shared/run-state';
import { fromJson } from './json-column';
import type { Store } from './open';

const LIVE = LIVE_STATES.map((state) => `'${state}'`).join(', ');

/** Returns the devices of the runs that train, except `except`; null for one whose device is not known. */
export const liveDevices = (store: Store, except = ''): (RunDevice | null)[] =>
  store
    .prepare<[string], string | null>(`SELECT device FROM runs WHERE state IN (${LIVE}) AND id <> ?`)
    .pluck()
    .all(except)
    .map((text) => fromJson<RunDevice>(text));

/**
 * Calls `choose` with the devices of the others and records the choice, in one step, so that two trainers that start at
 * once see each other.
 */
export function takeDevice(store: Store, id: string, choose: (busy: (RunDevice | null)[]) => RunDevice): RunDevice {
  return store
    .transaction(() => {
      const device = choose(liveDevices(store, id));
      setDevice(store, id, device);
      return device;
    })
    .immediate();
}

export function setDevice(store: Store, id: string, device: RunDevice): void {
  store.prepare('UPDATE runs SET device = ? WHERE id = ?').run(JSON.stringify(device), id);
}

export interface QueuedRun {
  id: string;
  state: 'queued' | 'paused';
  asked: DeviceName;
}

/** Returns the queue in its order: runs that wait, and paused ones that keep their place. */
export const queuedRuns = (store: Store): QueuedRun[] =>
  store
    .prepare(
      `SELECT id, state, coalesce(config ->> '$.engine.device', 'auto') AS asked FROM runs
        WHERE queue_position IS NOT NULL AND trashed IS NULL AND state IN ('queued', 'paused') ORDER BY queue_position`,
    )
    .all() as QueuedRun[];
