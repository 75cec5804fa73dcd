/** Adds an index of all that a list of runs shows, in its order, so that the long configurations are not read. */
export const migration = {
  version: 7,
  name: 'run-list',
  sql: `
    CREATE INDEX runs_listed ON runs (
      created DESC, id, name, state, dataset_id, model, started, ended, step, steps, best, wall_seconds, progress, error, tags, archived,
      trashed, queue_position, series, brief
    );
    DROP INDEX runs_by_created;
  `,
};
