/**
 * Adds results of an evaluation beside its figures, by kind: small facts as JSON, large ones as bytes. The task defines
 * them.
 */
export const migration = {
  version: 12,
  name: 'evaluation-details',
  sql: `
    CREATE TABLE evaluation_details (
      run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      weights TEXT NOT NULL,
      step INTEGER NOT NULL,
      json TEXT NOT NULL,
      blob BLOB,
      PRIMARY KEY (run_id, kind, weights, step)
    ) STRICT;
    INSERT INTO evaluation_details (run_id, kind, weights, step, json, blob)
      SELECT run_id, 'classes', weights, step, per_class, confusion FROM evaluations;
    DROP TABLE evaluations;
  `,
};
