/**
 * Records which process has a run, and prevents all others from writing it. Searches and studies keep their processes
 * in columns of the same names.
 */
import { AppError } from '../../shared/errors';
import type { Store } from './open';
import type { ProcessIdentity, ProcessTrace } from './process-identity';

/** Columns of a row that identify its process, as a ProcessTrace names them. */
export const TRACE_COLUMNS =
  'pid, pid_started AS started, pid_namespace AS namespace, pid_host AS host, heartbeat_ms AS heartbeatMs';
/** Condition that a row belongs to the process of the parameters @pid, @started and @namespace. */
export const IS_OWNER = 'pid IS @pid AND pid_started IS @started AND pid_namespace IS @namespace';

/** Returns the process that last took a run; null before the first. */
export function traceOf(store: Store, id: string): ProcessTrace | null {
  const row = store.prepare(`SELECT ${TRACE_COLUMNS} FROM runs WHERE id = ? AND pid IS NOT NULL`).get(id);
  return (row as ProcessTrace | undefined) ?? null;
}

export const ownsRun = (store: Store, id: string, { pid, started, namespace }: ProcessIdentity): boolean =>
  store.prepare(`SELECT 1 FROM runs WHERE id = @id AND ${IS_OWNER}`).pluck().get({ id, pid, started, namespace }) === 1;

/** Records a heartbeat of the owner, or of whichever process has the run. @returns whether it still has it */
export function beat(store: Store, id: string, owner: ProcessIdentity | null): boolean {
  const now = Date.now();
  const { changes } = owner
    ? store
        .prepare(`UPDATE runs SET heartbeat_ms = @now WHERE id = @id AND ${IS_OWNER}`)
        .run({ id, now, pid: owner.pid, started: owner.started, namespace: owner.namespace })
    : store.prepare('UPDATE runs SET heartbeat_ms = @now WHERE id = @id').run({ id, now });
  return changes === 1;
}

/**
 * Is thrown when another process has the run. What this one has made since is not written, and nothing of the other's
 * is removed.
 */
export class RunTaken extends AppError {
  constructor() {
    super({
      code: 'bad_state',
      what: 'Another process has taken over the run, so this one ends without writing any more of it.',
      why: 'It showed no sign of life for two minutes, or somebody marked the run as interrupted, and it was resumed elsewhere.',
      next: 'Nothing needs to be done: the other process trains on from the last checkpoint.',
    });
  }
}

/** Checks the owner. @throws RunTaken */
export function refuseUnlessOwner(store: Store, id: string, owner: ProcessIdentity): void {
  if (!ownsRun(store, id, owner)) throw new RunTaken();
}
