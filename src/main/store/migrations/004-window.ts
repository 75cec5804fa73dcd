/**
 * Adds what the window needs: live progress and queue place of a run, archive and trash, drafts, presets of one's own,
 * settings.
 */
export const migration = {
  version: 4,
  name: 'window',
  sql: `
    ALTER TABLE runs ADD COLUMN progress TEXT;
    ALTER TABLE runs ADD COLUMN queue_position REAL;
    ALTER TABLE runs ADD COLUMN background INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN trashed TEXT;
    ALTER TABLE runs ADD COLUMN series INTEGER NOT NULL DEFAULT 0;
    UPDATE runs SET series = (SELECT count(*) FROM runs AS earlier WHERE earlier.created < runs.created);
    CREATE INDEX runs_by_queue ON runs (queue_position) WHERE queue_position IS NOT NULL;
    CREATE TABLE drafts (
      id TEXT PRIMARY KEY,
      created TEXT NOT NULL,
      updated TEXT NOT NULL,
      body TEXT NOT NULL
    );
    CREATE TABLE own_presets (
      id TEXT PRIMARY KEY,
      created TEXT NOT NULL,
      schedule TEXT NOT NULL
    );
    CREATE TABLE settings (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) WITHOUT ROWID;
  `,
};
