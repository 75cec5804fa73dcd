/**
 * What earlier scans of a root have found of its files, in a file of its own beside the dataset store: a scan that was
 * killed goes on where it was, and a second one reads only what has changed. A file is taken to be unchanged while its
 * size, inode and times of modification and of change are what they were when it was read. Nothing is kept of a file
 * whose times are only seconds old then: it could change again within what its times tell apart.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { locateEngine } from '../../backend/locate';
import type { Told } from './batch';

/** One that no scan has used for so long is removed by the next scan. */
const STALE_MS = 30 * 24 * 3600 * 1000;
/** Rows are written in transactions of about this length: so much a killed scan loses at most. */
const FLUSH_MS = 500;

/** Pages that are gathered before they go into the database itself: rows come in bulk. */
const PAGES_AHEAD = 16_000;

// With rowids: without, rows of this length would each take a page of their own.
const SCHEMA = `
  CREATE TABLE build (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL);
  CREATE TABLE inspected (path TEXT NOT NULL UNIQUE, mark TEXT NOT NULL, text TEXT NOT NULL, look BLOB);
`;

/**
 * Of the program that inspects: what another one found is not believed. Names of chunks that the reader loads are
 * hashes of their content.
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
  /** When it was opened: then no file needs to be looked up. */
  private readonly empty: boolean;

  private constructor(private readonly db: Database.Database) {
    this.empty = db.prepare('SELECT 1 FROM inspected LIMIT 1').get() === undefined;
    this.select = db.prepare('SELECT mark, text, look FROM inspected WHERE path = ?');
    this.insert = db.prepare('INSERT OR REPLACE INTO inspected (path, mark, text, look) VALUES (?, ?, ?, ?)');
  }

  /**
   * That of a root; a new one in place of a damaged one or of another build's. Null where none can be had: it is no
   * need.
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
      // The disk is full, or another program holds the file: this scan reads every file, as the first scan does.
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
      // A damaged page: the file that it spoke of is read again.
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

/** What SQLite says of a file that is no database, of a damaged one, and of one without the tables. */
const UNUSABLE = /^SQLITE_(NOTADB|CORRUPT|ERROR)/;
/** How long a lock of another program's is waited for: the cache saves time, so it must not cost much. */
const LOCKED_MS = 1000;

/** The database at a path; null where there is none, or one that another build or nobody can use. */
function connect(file: string, build: string): Database.Database | null {
  if (!existsSync(file)) return null;
  const db = new Database(file, { timeout: LOCKED_MS });
  try {
    if (db.prepare('SELECT name FROM build').pluck().get() === build) {
      db.pragma('synchronous = NORMAL');
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
 * A new database at a path. It is made under another name, so that whoever opens the path never finds one without its
 * tables, and no reader can hold a lock that the change to write-ahead logging has to wait for.
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
