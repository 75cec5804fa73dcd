import { AppError } from '../../shared/errors';

/** SQLite's error codes as what a user can act on; anything else unchanged. */
export function storeError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const made = (kind: AppError['code'], what: string, why: string, next: string): AppError => new AppError({ code: kind, what, why, next }, { cause: error });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return made('store_locked', `The database ${path} is locked.`, 'Another process has been writing to it for seconds.', 'Close other programs that use it, or try again.');
  }
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return made('store_damaged', `The database ${path} is damaged.`, `SQLite says: ${(error as Error).message}.`, `Move it and its -wal file aside and start again; runs' checkpoints in the same folder are not touched. \`sqlite3 studio.db .recover\` may save its rows.`);
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'EACCES' || code === 'EROFS') {
    return made('store_readonly', `The database ${path} can't be written.`, (error as Error).message, 'Make the data folder writable, or choose another with --home.');
  }
  if (code.startsWith('SQLITE_FULL') || code.startsWith('SQLITE_IOERR_WRITE') || code === 'ENOSPC') {
    return made('disk_full', `There is no space left for ${path}.`, (error as Error).message, 'Free some disk space, or choose another data folder with --home.');
  }
  return error;
}
