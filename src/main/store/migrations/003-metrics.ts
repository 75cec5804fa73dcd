/**
 * Adds points by (series, step), what all series of a step share (time, compute), and rollups at several widths, kept
 * while writing so that a long series draws at once.
 */
export const migration = {
  version: 3,
  name: 'metrics',
  sql: `
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      UNIQUE (run_id, name)
    );
    CREATE TABLE points (
      series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (series_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE steps (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      wall_ms REAL NOT NULL,
      equivalent_epochs REAL NOT NULL,
      PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE rollups (
      series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
      width INTEGER NOT NULL,
      bucket INTEGER NOT NULL,
      count INTEGER NOT NULL,
      sum REAL NOT NULL,
      min REAL NOT NULL,
      max REAL NOT NULL,
      last REAL NOT NULL,
      PRIMARY KEY (series_id, width, bucket)
    ) WITHOUT ROWID;
  `,
};
