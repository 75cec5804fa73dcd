import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../../shared/errors';
import { migrate, newestVersion } from './migrate';
import { holdReserve, spendReserve } from './reserve';
import { storeError } from './store-error';
import { makePrivateDatabase, makePrivateHome } from '../base/private-home';

export type Store = Database.Database;

export interface StoreOptions {
  /** Opens without creating the file or migrating it. */
  readonly?: boolean;
  /** How long a statement waits for another process's transaction. */
  busyTimeoutMs?: number;
  /** Whether a full disk may use the space that is held back for it (reserve.ts): a host has to start to be of help. */
  reserve?: boolean;
  /**
   * Opens the file as the only connection for a moment, where a full disk has no room for the file that connections
   * share.
   */
  alone?: boolean;
}

const BUSY_MS = 5000;

/**
 * Opens and migrates the database. WAL lets a trainer write while hosts read. synchronous NORMAL may lose the last
 * transactions when the power fails, never the file, and a resume writes lost points again.
 * @param path the database's file, `databasePath(home)`
 * @throws AppError store_newer, store_locked, store_damaged, store_readonly, disk_full, io, not_found (readonly and no
 * file)
 */
export function openStore(path: string, options: StoreOptions = {}): Store {
  const { readonly = false, busyTimeoutMs = BUSY_MS, reserve = false, alone = false } = options;
  if (readonly && !existsSync(path)) {
    throw new AppError({
      code: 'not_found',
      what: `There is no database ${path}.`,
      why: 'Nothing has been imported or trained with this data folder.',
      next: 'Start with `efficienttrain import FOLDER`, or name another data folder with --home.',
    });
  }
  try {
    if (!readonly) makePrivateHome(dirname(path));
    const store = connect(path, { readonly, busyTimeoutMs, shared: true });
    if (!readonly) holdReserve(path);
    return store;
  } catch (error) {
    const told = storeError(error, path);
    if (!(told instanceof AppError && told.code === 'disk_full')) throw told;
    if (reserve && spendReserve(path)) return openStore(path, { ...options, reserve: false });
    if (alone) return openAlone(path, busyTimeoutMs, told);
    throw told;
  }
}

/** Opens as the only connection. @throws AppError `full` where that fails too */
function openAlone(path: string, busyTimeoutMs: number, full: AppError): Store {
  try {
    return connect(path, { readonly: false, busyTimeoutMs, shared: false });
  } catch {
    throw full;
  }
}

/**
 * Connects.
 * @param shared false keeps the index of the log in memory instead of a file, which needs no disk and excludes others
 */
function connect(
  path: string,
  { readonly, busyTimeoutMs, shared }: { readonly: boolean; busyTimeoutMs: number; shared: boolean },
): Store {
  const store = new Database(path, { timeout: busyTimeoutMs, readonly });
  try {
    if (!shared) store.pragma('locking_mode = EXCLUSIVE');
    refuseNewer(store, path);
    if (readonly) refuseOlder(store, path);
    else prepare(store, path);
    store.pragma('foreign_keys = ON');
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Does work that waits at most `ms` for another process's transaction. */
export function withBusyTimeout<T>(store: Store, ms: number, work: () => T): T {
  store.pragma(`busy_timeout = ${ms}`);
  try {
    return work();
  } finally {
    if (store.open) store.pragma(`busy_timeout = ${BUSY_MS}`);
  }
}

function prepare(store: Store, path: string): void {
  makePrivateDatabase(path);
  // SQLite silently opens a file without write permission for reading, and would fail only at the first write, long
  // after the start.
  accessSync(path, constants.W_OK);
  store.pragma('journal_mode = WAL');
  store.pragma('synchronous = NORMAL');
  migrate(store);
}

export const versionOf = (store: Store): number => store.pragma('user_version', { simple: true }) as number;

function refuseNewer(store: Store, path: string): void {
  const version = versionOf(store);
  if (version <= newestVersion()) return;
  throw new AppError({
    code: 'store_newer',
    what: `The database ${path} was written by a newer version of this program.`,
    why: `Its version is ${version}; this program knows up to ${newestVersion()}.`,
    next: 'Update the program, or choose another data folder with --home. The file was not touched.',
    action: { id: 'update_program' },
  });
}

function refuseOlder(store: Store, path: string): void {
  const version = versionOf(store);
  if (version === newestVersion()) return;
  throw new AppError({
    code: 'store_readonly',
    what: `The database ${path} is of an older version and was opened for reading only.`,
    why: `Its version is ${version}; this program needs ${newestVersion()} and may not bring it up to date.`,
    next: 'Open it once where it can be written, for example with `efficienttrain runs`.',
    action: { id: 'writable_home' },
  });
}
