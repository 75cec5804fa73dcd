/**
 * Corrects what lists show of a run: no magnitude where its images are not augmented with one, and what its weights
 * started from (`init` of the configuration; absent where they were random).
 */
export const migration = {
  version: 14,
  name: 'drawn-magnitudes',
  sql: `
    UPDATE runs SET brief = json_set(brief, '$.stages', json((
      SELECT json_group_array(json_array(stage.value ->> 0, NULL, stage.value ->> 2)) FROM json_each(brief, '$.stages') AS stage
    ))) WHERE json_extract(config, '$.data.auto_augment') = 'none';
    UPDATE runs SET brief = json_set(brief, '$.init', json_extract(config, '$.init'))
      WHERE json_extract(config, '$.init') IS NOT NULL;
  `,
};
