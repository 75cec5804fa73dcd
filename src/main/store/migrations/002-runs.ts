export const migration = {
  version: 2,
  name: 'runs',
  sql: `
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      dataset_id TEXT NOT NULL,
      model TEXT NOT NULL,
      config TEXT NOT NULL,
      origin TEXT NOT NULL,
      plan TEXT NOT NULL,
      created TEXT NOT NULL,
      started TEXT,
      ended TEXT,
      step INTEGER NOT NULL DEFAULT 0,
      steps INTEGER NOT NULL,
      best TEXT,
      error TEXT,
      wall_seconds REAL NOT NULL DEFAULT 0,
      request TEXT,
      pid INTEGER,
      pid_started TEXT,
      heartbeat_ms INTEGER,
      engine TEXT,
      tags TEXT NOT NULL DEFAULT '[]',
      notes TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX runs_by_created ON runs (created DESC);
    CREATE INDEX runs_by_name ON runs (name);
    CREATE INDEX runs_by_state ON runs (state);
    CREATE INDEX runs_by_dataset ON runs (dataset_id);
    CREATE TABLE stages (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      stage INTEGER NOT NULL,
      steps_done INTEGER NOT NULL,
      seconds REAL NOT NULL,
      compute_seconds REAL NOT NULL,
      loader_seconds REAL NOT NULL,
      images INTEGER NOT NULL,
      PRIMARY KEY (run_id, stage)
    ) WITHOUT ROWID;
    CREATE TABLE events (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      time TEXT NOT NULL,
      step INTEGER NOT NULL,
      kind TEXT NOT NULL,
      message TEXT NOT NULL,
      data TEXT
    );
    CREATE INDEX events_by_run ON events (run_id, step);
    CREATE TABLE checkpoints (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      folder TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      created TEXT NOT NULL,
      PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE evaluations (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      weights TEXT NOT NULL,
      per_class TEXT NOT NULL,
      confusion BLOB NOT NULL,
      PRIMARY KEY (run_id, step, weights)
    ) WITHOUT ROWID;
    CREATE TABLE exports (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      path TEXT NOT NULL,
      format TEXT NOT NULL,
      created TEXT NOT NULL,
      parity TEXT NOT NULL,
      PRIMARY KEY (run_id, path)
    ) WITHOUT ROWID;
    CREATE TABLE spools (
      id TEXT PRIMARY KEY,
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      taken TEXT NOT NULL
    ) WITHOUT ROWID;
  `,
};
