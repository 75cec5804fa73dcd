/** The scan's working table, in a file of its own: a hundred thousand files are not held in memory. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { ImageFacts } from '../decode/decode';
import type { Candidate, Problem, Split } from './entries';

export interface ScannedFile {
  path: string;
  className: string;
  split: Split;
  bytes: number;
  mtimeMs: number;
  sha256: string;
  facts: ImageFacts;
}

const SCHEMA = `
  CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, class TEXT NOT NULL, split TEXT, usable INTEGER NOT NULL DEFAULT 0, excluded TEXT,
    bytes INTEGER, mtime_ms INTEGER, sha256 TEXT, format TEXT, width INTEGER, height INTEGER, orientation INTEGER, fast INTEGER, hash TEXT
  );
  CREATE TABLE bands (band INTEGER NOT NULL, value TEXT NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (band, value, file)) WITHOUT ROWID;
  CREATE TABLE problems (kind TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL, others TEXT, PRIMARY KEY (kind, path)) WITHOUT ROWID;
`;

export class Scratch {
  readonly db: Database.Database;
  private readonly insertFile: Database.Statement;
  private readonly insertProblem: Database.Statement;

  constructor(private readonly file: string) {
    rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    this.db = new Database(file);
    // A scan that is cut short is thrown away, so nothing here has to survive a crash.
    this.db.pragma('journal_mode = OFF');
    this.db.pragma('synchronous = OFF');
    this.db.exec(SCHEMA);
    this.insertFile = this.db.prepare('INSERT INTO files (path, class, split) VALUES (?, ?, ?)');
    this.insertProblem = this.db.prepare('INSERT OR IGNORE INTO problems (kind, path, reason, others) VALUES (?, ?, ?, ?)');
  }

  addCandidate({ path, className, split }: Candidate): void {
    this.insertFile.run(path, className, split);
  }

  addProblem({ kind, path, reason, others }: Problem): void {
    this.insertProblem.run(kind, path, reason, others ? JSON.stringify(others) : null);
  }

  count(): number {
    return this.db.prepare('SELECT count(*) FROM files').pluck().get() as number;
  }

  *candidates(): Generator<{ id: number; path: string }> {
    const page = this.db.prepare('SELECT id, path FROM files WHERE id > ? ORDER BY id LIMIT 500');
    for (let last = 0; ;) {
      const rows = page.all(last) as { id: number; path: string }[];
      if (!rows.length) return;
      yield* rows;
      last = rows.at(-1)?.id ?? last;
    }
  }

  /** What will be trained on, in order of path. */
  *kept(): Generator<ScannedFile> {
    const page = this.db
      .prepare(`SELECT id, path, class AS className, split, bytes, mtime_ms AS mtimeMs, sha256, format, width, height, orientation, fast
      FROM files WHERE usable = 1 AND excluded IS NULL AND id > ? ORDER BY id LIMIT 500`);
    for (let last = 0; ;) {
      const rows = page.all(last) as (Omit<ScannedFile, 'facts'> & Omit<ImageFacts, 'fast'> & { id: number; fast: number })[];
      if (!rows.length) return;
      for (const { format, width, height, orientation, fast, id, ...file } of rows) {
        last = id;
        yield { ...file, facts: { format, width, height, orientation, fast: fast === 1 } };
      }
    }
  }

  /** `excluded`: how many files of this kind are left out. */
  problems(): Problem[] {
    const rows = this.db.prepare('SELECT kind, path, reason, others FROM problems ORDER BY kind, path').all() as (Omit<
      Problem,
      'others'
    > & { others: string | null })[];
    return rows.map(({ others, ...problem }) => ({ ...problem, ...(others ? { others: JSON.parse(others) as string[] } : {}) }));
  }

  close(): void {
    this.db.close();
    rmSync(this.file, { force: true });
  }
}
