/**
 * Points that are not finite are rare, and a chart has to say where they are: found without reading a million that are.
 */
export const migration = {
  version: 5,
  name: 'not-finite',
  sql: `
    CREATE INDEX points_not_finite ON points (series_id, step) WHERE value IS NULL;
  `,
};
