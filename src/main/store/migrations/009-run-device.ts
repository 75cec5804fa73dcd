/** Adds the device that a run computes on, so that the next run takes another. */
export const migration = {
  version: 9,
  name: 'run-device',
  sql: `
    ALTER TABLE runs ADD COLUMN device TEXT;
  `,
};
