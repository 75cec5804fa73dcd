/** Pictures of a dataset that a table describes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { temporary } from '../support/training';
import { openCore } from './core-support';

const opened = openCore();
afterAll(() => opened.core.close());

it('of a table are those that it names, and no other beside it', async () => {
  const root = temporary('table-beside');
  const picture = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  mkdirSync(join(root, 'private'));
  for (const name of ['a.png', 'b.png', 'passport.png', 'private/letter.png']) writeFileSync(join(root, name), picture);
  writeFileSync(join(root, 'cut.png'), picture.subarray(0, 60));
  const table = join(root, 'labels.csv');
  writeFileSync(table, 'path,label,split\na.png,x,train\nb.png,y,val\ncut.png,x,train\n');
  const paths = ['a.png', 'b.png', 'passport.png', 'private/letter.png', 'private/../passport.png', './a.png'];
  const seen = [true, true, false, false, false, false];
  const { result } = opened.core.context.jobs.start('scan', { source: table });
  const { review } = await result;
  const answered = async (): Promise<boolean[]> =>
    (await opened.call('reviews.thumbnails', { review, paths })).map((found) => found !== null);
  expect(await answered()).toEqual(seen);
  const { dataset } = await opened.call('reviews.commit', { review, name: 'table' });
  const kept = await opened.call('datasets.thumbnails', { dataset, paths });
  expect(kept.map((found) => found !== null)).toEqual(seen);
});
