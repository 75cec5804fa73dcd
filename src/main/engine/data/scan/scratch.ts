/**
 * The scan's working table, in a file of its own, so that a hundred thousand files are not held in memory. A review
 * reads and changes a finished scan's file until it is committed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { LayoutDoubt, LayoutFacts } from '../../../../shared/contract/layout';
import type { Candidate, Problem, ReadOptions } from './entries';
import type { Found } from './inspect';
import type { ToInspect } from './reader-pool';
import { HASHES, readHashes, WORDS } from './look';
import type { Pictures } from './near-pairs';

/** Version of this form; a review of another version is scanned again. */
const VERSION = 4;

const SCHEMA = `
  CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, class TEXT, split TEXT, usable INTEGER NOT NULL DEFAULT 0, excluded TEXT,
    bytes INTEGER, mtime_ms INTEGER, sha256 TEXT, format TEXT, width INTEGER, height INTEGER, orientation INTEGER, fast INTEGER
  );
  CREATE TABLE looks (file INTEGER PRIMARY KEY, look BLOB NOT NULL);
  CREATE TABLE problems (kind TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL, others TEXT, PRIMARY KEY (kind, path)) WITHOUT ROWID;
  CREATE TABLE exclusions (file INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (file, kind)) WITHOUT ROWID;
  CREATE TABLE changes (id INTEGER PRIMARY KEY, undone INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE changed (
    change INTEGER NOT NULL, file INTEGER NOT NULL, kind TEXT NOT NULL, added INTEGER NOT NULL, PRIMARY KEY (change, file, kind)
  ) WITHOUT ROWID;
  CREATE TABLE facts (one INTEGER PRIMARY KEY CHECK (one = 1), value TEXT NOT NULL);
`;

/**
 * Indexes made at the end: for looking up files by findings, and for counts that are kept while files are left out and
 * taken back.
 */
const INDEXES = `
  CREATE INDEX files_by_path ON files (path);
  CREATE INDEX problems_by_path ON problems (path);
  DROP TABLE looks;
  CREATE TABLE found (kind TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO found SELECT kind, count(*) FROM problems GROUP BY kind;
  CREATE TABLE tallies (split TEXT, class TEXT, format TEXT, count INTEGER NOT NULL);
  CREATE INDEX tallies_by_class ON tallies (split, class, format);
  INSERT INTO tallies SELECT split, class, format, count(*) FROM files WHERE usable = 1 GROUP BY split, class, format;
  CREATE TRIGGER tally AFTER UPDATE OF excluded ON files WHEN (old.excluded IS NULL) <> (new.excluded IS NULL) BEGIN
    UPDATE tallies SET count = count + iif(new.excluded IS NULL, 1, -1)
      WHERE split = new.split AND class IS new.class AND format = new.format;
  END;
`;

/**
 * Indexes for the lookups that a review in the window repeats; an import that is committed at once needs each of these
 * once at most.
 */
const REVIEW_INDEXES = `
  CREATE INDEX files_excluded ON files (excluded, path) WHERE excluded IS NOT NULL;
  CREATE INDEX kept_by_path ON files (split, path) WHERE usable = 1 AND excluded IS NULL;
  CREATE INDEX kept_by_class ON files (split, class, path) WHERE usable = 1 AND excluded IS NULL;
  CREATE INDEX kept_smallest ON files (min(width, height)) WHERE usable = 1 AND excluded IS NULL;
  CREATE INDEX kept_largest ON files (max(width, height)) WHERE usable = 1 AND excluded IS NULL;
`;

/** Source and options of a scan. */
export interface ScanFacts {
  source: string;
  root: string;
  format: string;
  read?: ReadOptions;
  /** A question that has to be answered before anything is read; with one, nothing was read. */
  doubt?: LayoutDoubt;
  layout?: LayoutFacts;
  val_split: number;
  seed: number;
  /** Whether the val split was drawn by the scan. */
  val_drawn: boolean;
}

export class Scratch {
  private constructor(
    readonly file: string,
    readonly db: Database.Database,
  ) {}

  /** Creates a new file, in place of any that is there. */
  static create(file: string): Scratch {
    rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    const db = new Database(file);
    // A scan that is interrupted is discarded, so nothing has to survive a crash before it is finished.
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('cache_size = -65536');
    db.pragma(`user_version = ${VERSION}`);
    db.exec(SCHEMA);
    return new Scratch(file, db);
  }

  /** Opens a finished scan's file; null where there is none, or one of another version. */
  static open(file: string): Scratch | null {
    let db: Database.Database;
    try {
      db = new Database(file, { fileMustExist: true });
    } catch {
      return null;
    }
    // The system keeps what a killed process wrote. A power failure may lose the review, and the scan is repeated.
    db.pragma('synchronous = OFF');
    db.pragma('cache_size = -65536');
    if (db.pragma('user_version', { simple: true }) === VERSION) return new Scratch(file, db);
    db.close();
    return null;
  }

  addCandidate({ path, className, split }: Candidate): void {
    this.insertFile ??= this.db.prepare('INSERT INTO files (path, class, split) VALUES (?, ?, ?)');
    this.insertFile.run(path, className, split);
  }

  addProblem({ kind, path, reason, others }: Problem): void {
    this.insertProblem ??= this.db.prepare(
      'INSERT OR IGNORE INTO problems (kind, path, reason, others) VALUES (?, ?, ?, ?)',
    );
    this.insertProblem.run(kind, path, reason, others ? JSON.stringify(others) : null);
  }

  /** Adds a file's look. @param look the bytes of lookOf */
  addLook(file: number, look: Uint8Array): void {
    this.insertLook ??= this.db.prepare('INSERT INTO looks (file, look) VALUES (?, ?)');
    this.insertLook.run(file, look);
  }

  /**
   * Returns what pictures are compared by, in the order in which they were listed, and the file of each row. Of
   * byte-for-byte copies, which have a finding of their own, it returns only the first: thousands of copies of a
   * placeholder would each be compared with everything that looks like it.
   */
  looks(): Pictures & { file: (row: number) => { path: string; split: string } } {
    const copies = this.copies();
    const most = this.db.prepare('SELECT count(*) FROM looks').pluck().get() as number;
    const ids = new Uint32Array(most);
    // Threads share this memory.
    const hashes = new Uint32Array(new SharedArrayBuffer(4 * most * HASHES * WORDS));
    let rows = 0;
    const all = this.db.prepare('SELECT file, look FROM looks ORDER BY file').raw();
    for (const [id, look] of all.iterate() as IterableIterator<[number, Uint8Array]>) {
      if (copies.has(id)) continue;
      readHashes(look, hashes, rows);
      ids[rows++] = id;
    }
    const one = this.db.prepare('SELECT look FROM looks WHERE file = ?').pluck();
    const file = this.db.prepare('SELECT path, split FROM files WHERE id = ?');
    return {
      hashes: hashes.subarray(0, rows * HASHES * WORDS),
      look: (row) => one.get(ids[row]) as Uint8Array,
      file: (row) => file.get(ids[row]) as { path: string; split: string },
    };
  }

  /** Returns the files that are byte-for-byte copies of one listed before them. */
  private copies(): Set<number> {
    const rows = this.db.prepare(
      `SELECT id FROM (SELECT sha256, min(id) AS first FROM files WHERE usable = 1 GROUP BY sha256 HAVING count(*) > 1)
        JOIN files USING (sha256) WHERE usable = 1 AND id <> first`,
    );
    return new Set(rows.pluck().all() as number[]);
  }

  private insertLook?: Database.Statement;
  private insertFile?: Database.Statement;
  private insertProblem?: Database.Statement;
  private updateFile?: Database.Statement;
  private selectFiles?: Database.Statement;

  count(): number {
    return this.db.prepare('SELECT count(*) FROM files').pluck().get() as number;
  }

  /** Begins a transaction, because a row alone would cost a write of the system's. */
  begin(): void {
    this.db.exec('BEGIN');
  }

  commit(): void {
    this.db.exec('COMMIT');
  }

  /** Returns the next candidates after this one, in a number worth a query. */
  candidatesAfter(id: number): { id: number; path: string }[] {
    this.selectFiles ??= this.db.prepare('SELECT id, path FROM files WHERE id > ? ORDER BY id LIMIT 500');
    return this.selectFiles.all(id) as { id: number; path: string }[];
  }

  addFound({ id, path }: ToInspect, found: Found): void {
    if ('kind' in found) return this.addProblem({ kind: found.kind, reason: found.reason, path });
    this.updateFile ??= this.db.prepare(
      `UPDATE files SET usable = 1, bytes = ?, mtime_ms = ?, sha256 = ?, format = ?, width = ?, height = ?, orientation = ?, fast = ?
        WHERE id = ?`,
    );
    const { bytes, mtimeMs, sha256, format, width, height, orientation, fast, look } = found;
    this.updateFile.run(bytes, mtimeMs, sha256, format, width, height, orientation, fast ? 1 : 0, id);
    if (look) this.addLook(id, look);
  }

  problems(): Problem[] {
    const rows = this.db.prepare('SELECT kind, path, reason, others FROM problems ORDER BY kind, path').all() as (Omit<
      Problem,
      'others'
    > & { others: string | null })[];
    return rows.map(({ others, ...problem }) => ({
      ...problem,
      ...(others ? { others: JSON.parse(others) as string[] } : {}),
    }));
  }

  /** Makes the indexes of the content, once all files have been read. */
  indexContent(): void {
    this.db.exec('CREATE INDEX files_by_content ON files (sha256) WHERE usable = 1');
  }

  /** Finishes the scan, once everything has been found. */
  finish(facts: ScanFacts): void {
    this.db.exec(INDEXES);
    this.db.prepare('INSERT OR REPLACE INTO facts (one, value) VALUES (1, ?)').run(JSON.stringify(facts));
  }

  /** Makes the indexes for a review, once the scan is finished. */
  indexForReview(): void {
    this.db.exec(REVIEW_INDEXES);
  }

  facts(): ScanFacts {
    return JSON.parse(this.db.prepare('SELECT value FROM facts').pluck().get() as string) as ScanFacts;
  }

  close(): void {
    this.db.close();
  }

  /** Closes and removes the file. */
  discard(): void {
    this.db.close();
    for (const file of [this.file, `${this.file}-journal`]) rmSync(file, { force: true });
  }
}
