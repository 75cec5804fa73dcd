/**
 * Studies of what a network learns when: of runs on filtered images, one for each radius (0: unfiltered) and seed, and
 * of the checkpoints of one run.
 */
export const migration = {
  version: 17,
  name: 'studies',
  sql: `
    CREATE TABLE studies (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      spec TEXT NOT NULL,
      created TEXT NOT NULL,
      request TEXT,
      outcome TEXT,
      error TEXT,
      pid INTEGER,
      pid_started TEXT,
      pid_namespace TEXT,
      pid_host TEXT,
      heartbeat_ms INTEGER
    ) STRICT;
    CREATE INDEX studies_by_created ON studies (created DESC);
    CREATE TABLE study_runs (
      study_id TEXT NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
      radius REAL NOT NULL,
      seed INTEGER NOT NULL,
      run_id TEXT NOT NULL,
      PRIMARY KEY (study_id, radius, seed)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE study_checkpoints (
      study_id TEXT NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      figures TEXT NOT NULL,
      PRIMARY KEY (study_id, step)
    ) STRICT, WITHOUT ROWID;
  `,
};
