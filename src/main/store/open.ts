import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../../shared/errors';
import { migrate, newestVersion } from './migrate';
import { storeError } from './store-error';

export type Store = Database.Database;

/**
 * Opens (and brings up to date) the database. WAL lets a trainer write while hosts read.
 * @throws AppError store_newer, store_locked, store_damaged, store_readonly, disk_full
 */
export function openStore(path: string): Store {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const store = new Database(path, { timeout: 5000 });
    try {
      refuseNewer(store, path);
      store.pragma('journal_mode = WAL');
      store.pragma('synchronous = NORMAL');
      store.pragma('foreign_keys = ON');
      migrate(store);
      return store;
    } catch (error) {
      store.close();
      throw error;
    }
  } catch (error) {
    throw storeError(error, path);
  }
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
  });
}
