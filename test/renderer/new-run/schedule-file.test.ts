import { describe, expect, it } from 'vitest';
import type { ScheduleFile } from '../../../src/shared/contract/drafts';
import { readSchedule } from '../../../src/renderer/views/new-run/schedule-file';

const schedule: ScheduleFile = {
  ...{ format: 'efficienttrain-schedule', version: 1, title: 'mine', share_of: 'compute', size: 224 },
  stages: [{ bandwidth: 224, magnitude: 9, magnitude_end: null, share: 1, batch: null, replay_times: 1 }],
};
const file = (content: string): File => new File([content], 'a.json');

describe('a schedule file', () => {
  it('is read as it was written', async () => {
    expect(await readSchedule(file(JSON.stringify(schedule)))).toEqual(schedule);
  });

  it.each([
    ['what is no JSON', '{'],
    ['another file', '{"name": "package"}'],
    ['a newer version', JSON.stringify({ ...schedule, version: 2 })],
    ['a stage out of range', JSON.stringify({ ...schedule, stages: [{ ...schedule.stages[0], magnitude: 99 }] })],
    ['no stage', JSON.stringify({ ...schedule, stages: [] })],
  ])('refuses %s, and says which file', async (_, content) => {
    await expect(readSchedule(file(content))).rejects.toMatchObject({
      code: 'invalid_config',
      message: 'a.json is not a schedule.',
    });
  });

  it('is not read where it can be none by its size', async () => {
    await expect(readSchedule(file(' '.repeat(1_000_001)))).rejects.toMatchObject({
      why: 'It is larger than any schedule.',
    });
  });
});
