import Database from 'better-sqlite3';
import { AppError, type ErrorAction } from '../../shared/errors';

/** Turns SQLite's error codes into errors that a user can act on; any other error is returned unchanged. */
export function storeError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const made = (kind: AppError['code'], what: string, why: string, next: string, action?: ErrorAction): AppError =>
    new AppError({ code: kind, what, why, next, action }, { cause: error });
  const said = error instanceof Error ? error.message : String(error);
  const fits = (...prefixes: string[]): boolean =>
    prefixes.some((prefix) => code === prefix || code.startsWith(`${prefix}_`));
  if (fits('SQLITE_BUSY', 'SQLITE_LOCKED')) {
    return made(
      'store_locked',
      `The database ${path} is locked.`,
      'Another process has been writing to it for seconds.',
      'Close other programs that have it open, or try again.',
    );
  }
  if (fits('SQLITE_CORRUPT', 'SQLITE_NOTADB'))
    return made(
      'store_damaged',
      `The database ${path} is damaged.`,
      `SQLite says: ${said}. ${damageOf(path)}`,
      keepAndGoOn(path),
    );
  if (fits('SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM', 'EACCES', 'EPERM', 'EROFS')) {
    return made(
      'store_readonly',
      `The database ${path} can't be written.`,
      `The system says: ${said}.`,
      'Make the data folder writable, or choose another with --home.',
      { id: 'writable_home' },
    );
  }
  // A database in WAL mode first meets a full disk at its shared-memory file.
  if (fits('SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMOPEN', 'ENOSPC', 'EDQUOT')) {
    return made(
      'disk_full',
      `There is no space left for ${path}.`,
      `The system says: ${said}.`,
      'Free some disk space, or choose another data folder with --home.',
      { id: 'free_space' },
    );
  }
  if (fits('SQLITE_IOERR', 'ENOTDIR', 'EEXIST', 'EIO')) {
    return made(
      'io',
      `The database ${path} can't be opened or read.`,
      `The system says: ${said} (${code}).`,
      'Check that the data folder is a folder on a working disk, or choose another with --home.',
      { id: 'check_home' },
    );
  }
  return error;
}

/**
 * Turns SQLite's part of any call's or command's error into one that a user can act on; any other error is returned
 * unchanged. It reports damage of the database only where its own check finds some: the statement may have been on
 * another file, such as a review's.
 */
export function databaseError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const isDamage = /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
  return isDamage && damageOf(path) === WHOLE ? error : storeError(error, path);
}

const keepAndGoOn = (path: string): string =>
  `Keep it: mv ${path} ${path}.damaged (and ${path}-wal likewise), then start again with a new database. Checkpoints and exports beside it are not touched. ` +
  `\`sqlite3 ${path}.damaged .recover | sqlite3 ${path}\` saves the rows that can still be read.`;

const WHOLE = 'Its check finds: ok.';

/** Returns what SQLite's own check finds, first lines only. */
function damageOf(path: string): string {
  try {
    const store = new Database(path, { readonly: true });
    try {
      const found = store.pragma('quick_check(3)') as { quick_check: string }[];
      return `Its check finds: ${found.map((row) => row.quick_check.replaceAll('\n', ' ')).join('; ')}.`;
    } finally {
      store.close();
    }
  } catch (error) {
    return `It can't even be checked: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
