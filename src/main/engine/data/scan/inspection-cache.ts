/**
 * Keeps the findings of earlier scans of a root in a file of its own beside the dataset store. A killed scan resumes
 * from it, and a second one reads only what has changed. A file counts as unchanged while its size, inode and times of
 * modification and of change are the same as when it was read. Nothing is kept of a file whose times were only seconds
 * old then: it could change again within the resolution of its times.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { locateEngine } from '../../backend/locate';
import type { Told } from './batch';

/** A cache that no scan has used for so long is removed by the next scan. */
const STALE_MS = 30 * 24 * 3600 * 1000;
/** Length of the transactions, and thus the most that a killed scan loses. */
const FLUSH_MS = 500;

/**
 * Nothing waits for the disk: after a power failure pages may be missing. A row that is found by mistake has the mark of
 * another file, so its file is read again, as where SQLite itself finds damage.
 */
const SYNCHRONOUS = 'synchronous = OFF';

/** Number of pages that are collected before they go into the database itself, because rows come in bulk. */
const PAGES_AHEAD = 16_000;

// The table has rowids: without them, each row of this length would take a page of its own.
const SCHEMA = `
  CREATE TABLE build (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL);
  CREATE TABLE inspected (path TEXT NOT NULL UNIQUE, mark TEXT NOT NULL, text TEXT NOT NULL, look BLOB);
`;

/**
 * Returns the build of the inspecting program: findings of another build are not used. Names of chunks that the reader
 * loads are hashes of their content.
 */
export function inspectorBuild(readerFile: string): string {
  return createHash('sha256').update(readFileSync(readerFile)).update(locateEngine().kind).digest('hex');
}

const fileOf = (folder: string, root: string): string =>
  join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.db`);

export interface Known extends Told {
  /** Unusable.mark */
  mark: string;
}

export class InspectionCache {
  private waiting: [path: string, mark: string, text: string, look: Uint8Array | null][] = [];
  private flushed = performance.now();
  private readonly select: Database.Statement;
  private readonly insert: Database.Statement;
  /** Whether it was empty when it was opened: then no file needs a lookup. */
  private readonly empty: boolean;

  private constructor(private readonly db: Database.Database) {
    this.empty = db.prepare('SELECT 1 FROM inspected LIMIT 1').get() === undefined;
    this.select = db.prepare('SELECT mark, text, look FROM inspected WHERE path = ?');
    this.insert = db.prepare('INSERT OR REPLACE INTO inspected (path, mark, text, look) VALUES (?, ?, ?, ?)');
  }

  /**
   * Opens the cache of a root, or a new one in place of a damaged one or of another build's. Returns null where none
   * can be opened: a scan does not need it.
   */
  static open(folder: string, root: string, build: string): InspectionCache | null {
    clearStale(folder);
    const file = fileOf(folder, root);
    try {
      const db = connect(file, build) ?? replace(file, build);
      const now = new Date();
      utimesSync(file, now, now);
      return new InspectionCache(db);
    } catch (error) {
      // The disk is full, or another program holds the file: this scan reads every file, as a first scan does.
      if (!(error instanceof Database.SqliteError)) throw error;
      return null;
    }
  }

  /** Null for a file that was not inspected. */
  recall(path: string): Known | null {
    if (this.empty) return null;
    try {
      return (this.select.get(path) as Known | undefined) ?? null;
    } catch (error) {
      // The page is damaged, so its file is read again.
      if (!(error instanceof Database.SqliteError)) throw error;
      return null;
    }
  }

  keep(path: string, mark: string, { text, look }: Told): void {
    this.waiting.push([path, mark, text, look]);
    if (performance.now() - this.flushed > FLUSH_MS) this.flush();
  }

  flush(): void {
    this.flushed = performance.now();
    const rows = this.waiting;
    this.waiting = [];
    try {
      this.db
        .transaction(() => {
          for (const row of rows) this.insert.run(...row);
        })
        .immediate();
    } catch (error) {
      // Another scan of the same root writes, or the disk is full: the next scan reads these files again.
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  }

  close(): void {
    this.flush();
    this.db.close();
  }
}

/** SQLite's codes for a file that is no database, a damaged one, and one without the tables. */
const UNUSABLE = /^SQLITE_(NOTADB|CORRUPT|ERROR)/;
/** How long it waits for another program's lock: the cache saves time, so it must not cost much. */
const LOCKED_MS = 1000;

/** Opens the database at a path; null where there is none, or one that this build can't use. */
function connect(file: string, build: string): Database.Database | null {
  if (!existsSync(file)) return null;
  const db = new Database(file, { timeout: LOCKED_MS });
  try {
    if (db.prepare('SELECT name FROM build').pluck().get() === build) {
      db.pragma(SYNCHRONOUS);
      db.pragma(`wal_autocheckpoint = ${PAGES_AHEAD}`);
      return db;
    }
    db.close();
  } catch (error) {
    db.close();
    if (!(error instanceof Database.SqliteError && UNUSABLE.test(error.code))) throw error;
  }
  return null;
}

/**
 * Creates a new database at a path. It is made under another name, so that no program finds one without its tables at
 * the path, and no reader can hold a lock for which the change to write-ahead logging would wait.
 */
function replace(file: string, build: string): Database.Database {
  const made = `${file}-${process.pid}-${performance.now()}`;
  const db = new Database(made);
  db.pragma('journal_mode = WAL');
  db.exec(SCHEMA);
  db.prepare('INSERT INTO build (one, name) VALUES (1, ?)').run(build);
  db.close();
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  renameSync(made, file);
  const there = connect(file, build);
  if (!there) throw new Error(`${file} can't be opened`);
  return there;
}

function clearStale(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > STALE_MS) rmSync(join(folder, name), { force: true });
  }
}
