/** Pictures that show a frequency filter's effect on an image of a dataset. */
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { filterViewsArgs, filterViewsResult } from '../../src/shared/contract/previews';
import { job } from '../../src/main/services/jobs/filter-views';
import { importFolder, smallSample, temporary } from '../support/training';

const meanOf = async (picture: string): Promise<number> => {
  const bytes = Buffer.from(picture.slice(picture.indexOf(',') + 1), 'base64');
  const { channels } = await sharp(bytes).stats();
  return channels.slice(0, 3).reduce((sum, { mean }) => sum + mean, 0) / 3;
};

it('show the mean with a low-pass of radius 0, nothing else, and the rest about grey with the high-pass', async () => {
  const home = temporary('filter-views');
  const dataset = await importFolder(home, smallSample(temporary('filter-data'), 8));
  const call = { home, signal: new AbortController().signal, progress: () => undefined };
  const radius = 0;
  const filters = [null, { kind: 'low_pass' as const, radius }, { kind: 'high_pass' as const, radius }];
  const args = filterViewsArgs.parse({ dataset: dataset.id, size: 32, filters });
  const { views, path } = filterViewsResult.parse(await job.run(args, call));
  expect(views.map(({ filter }) => filter)).toEqual(filters);
  const [whole, low, high] = (await Promise.all(views.map(({ picture }) => meanOf(picture)))) as [
    number,
    number,
    number,
  ];
  expect(low).toBeCloseTo(whole, 0);
  expect(Math.abs(high - 127.5)).toBeLessThan(2);
  const { path: same } = await job.run({ ...args, path }, call);
  expect(same).toBe(path);
  await expect(job.run({ ...args, path: '../../etc/passwd' }, call)).rejects.toMatchObject({ code: 'not_found' });
});
