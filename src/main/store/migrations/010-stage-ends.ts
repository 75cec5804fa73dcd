/** Adds the step at which each stage ends: lists show a run's progress by its compute. */
export const migration = {
  version: 10,
  name: 'stage-ends',
  sql: `
    UPDATE runs SET brief = json_set(brief, '$.stage_ends', json((
      SELECT json_group_array((stage.value ->> 'first_step') + (stage.value ->> 'steps'))
        FROM json_each(plan, '$.stages') AS stage
    )));
  `,
};
