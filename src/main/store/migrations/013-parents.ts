/**
 * Adds the run that another's first weights came from: its id, the finished steps of the checkpoint that was taken,
 * and, in case the parent is removed, its name and the compute that had gone into that checkpoint.
 */
export const migration = {
  version: 13,
  name: 'parents',
  sql: `
    ALTER TABLE runs ADD COLUMN parent_run TEXT;
    ALTER TABLE runs ADD COLUMN parent_step INTEGER;
    ALTER TABLE runs ADD COLUMN parent_name TEXT;
    ALTER TABLE runs ADD COLUMN parent_epochs REAL;
    CREATE INDEX runs_by_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;
  `,
};
