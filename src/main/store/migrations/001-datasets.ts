export const migration = {
  version: 1,
  name: 'datasets',
  sql: `
    CREATE TABLE datasets (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      root TEXT NOT NULL,
      format TEXT NOT NULL,
      created TEXT NOT NULL,
      classes TEXT NOT NULL,
      record TEXT NOT NULL
    );
    CREATE TABLE samples (
      dataset_id TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
      split TEXT NOT NULL,
      path TEXT NOT NULL,
      label INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      mtime_ms INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      format TEXT NOT NULL,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      orientation INTEGER NOT NULL,
      fast INTEGER NOT NULL,
      PRIMARY KEY (dataset_id, split, path)
    ) WITHOUT ROWID;
    CREATE TABLE problems (
      dataset_id TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      path TEXT NOT NULL,
      reason TEXT NOT NULL,
      others TEXT,
      excluded INTEGER NOT NULL,
      PRIMARY KEY (dataset_id, kind, path)
    ) WITHOUT ROWID;
  `,
};
