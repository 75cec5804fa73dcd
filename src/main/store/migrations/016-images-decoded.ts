/** Adds how many of a stage's images were decoded from files; null in rows of earlier versions, which replayed none. */
export const migration = {
  version: 16,
  name: 'images-decoded',
  sql: 'ALTER TABLE stages ADD COLUMN images_decoded INTEGER;',
};
