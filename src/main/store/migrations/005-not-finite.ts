/**
 * Adds an index of points that are not finite. They are rare, and a chart has to show them without reading a million
 * others.
 */
export const migration = {
  version: 5,
  name: 'not-finite',
  sql: `
    CREATE INDEX points_not_finite ON points (series_id, step) WHERE value IS NULL;
  `,
};
