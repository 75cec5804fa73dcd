/** Adds where a trainer runs, beside its id: another container's processes can't be found by their id. */
export const migration = {
  version: 11,
  name: 'process-namespace',
  sql: `
    ALTER TABLE runs ADD COLUMN pid_namespace TEXT;
    ALTER TABLE runs ADD COLUMN pid_host TEXT;
  `,
};
