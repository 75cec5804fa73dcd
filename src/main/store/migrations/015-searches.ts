/**
 * Adds searches for a schedule, and their trials: each trains a schedule's first stages with a seed, by one run or two.
 */
export const migration = {
  version: 15,
  name: 'searches',
  sql: `
    CREATE TABLE searches (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      spec TEXT NOT NULL,
      created TEXT NOT NULL,
      started TEXT,
      ended TEXT,
      seconds REAL NOT NULL DEFAULT 0,
      request TEXT,
      error TEXT,
      reason TEXT NOT NULL DEFAULT '',
      chosen TEXT,
      decided INTEGER NOT NULL DEFAULT 0,
      preset TEXT,
      pid INTEGER,
      pid_started TEXT,
      pid_namespace TEXT,
      pid_host TEXT,
      heartbeat_ms INTEGER
    ) STRICT;
    CREATE INDEX searches_by_created ON searches (created DESC);
    CREATE TABLE search_trials (
      search_id TEXT NOT NULL REFERENCES searches(id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      schedule TEXT NOT NULL,
      seed INTEGER NOT NULL,
      run_id TEXT,
      finetune_id TEXT,
      steps INTEGER NOT NULL DEFAULT 0,
      cost REAL NOT NULL DEFAULT 0,
      state TEXT NOT NULL,
      top1 REAL,
      n INTEGER,
      seconds REAL NOT NULL DEFAULT 0,
      PRIMARY KEY (search_id, number),
      UNIQUE (search_id, schedule, seed)
    ) STRICT;
  `,
};
