/** Sources with which nothing can be trained are refused with the real reason and a next step that helps. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { AppError } from '../../../src/shared/errors';
import { plantImages } from '../../support/plant-images';
import { rejectionOf } from '../../support/refusal';
import { scanned } from '../../support/review-folder';
import { temporary } from '../../support/training';

let source: string;
beforeEach(() => {
  source = temporary('refusals');
});

const refusal = (of = source): Promise<AppError> => rejectionOf(scanned({ source: of, home: temporary('home') }));

it('images of test and none of train, in folders and in a table', async () => {
  await plantImages(source, { 'test/a': 3, 'test/b': 3 });
  const { why, next } = await refusal();
  expect(why).toBe('There is no usable training image: all 6 images are in test.');
  expect(next).toContain('Add a folder train');
  writeFileSync(join(source, 'labels.csv'), 'path,label,split\ntest/a/0.png,a,test\ntest/b/0.png,b,test\n');
  const table = await refusal(join(source, 'labels.csv'));
  expect(table.why).toBe('There is no usable training image: all 2 images are in test.');
  expect(table.next).toContain('--split-column none');
});

it('a table beside images that lie in no class folder', async () => {
  await plantImages(source, { '.': 4 });
  writeFileSync(join(source, 'labels.csv'), 'path,label\n');
  expect((await refusal()).next).toContain(`efficienttrain import ${join(source, 'labels.csv')}`);
});

it.each([
  ['data.zip', 'It is an archive. Unpack it'],
  ['images.tar.gz', 'It is an archive. Unpack it'],
  ['train.tfrecord', 'It holds many images in one file'],
  ['data_batch_1', 'It holds many images in one file'],
  ['train-images-idx3-ubyte', 'It holds many images in one file'],
  ['labels.xlsx', 'It is a spreadsheet'],
  ['annotations.json', 'It is no table'],
])('%s, in a folder and by itself', async (name, reason) => {
  writeFileSync(join(source, name), 'x');
  expect((await refusal()).why).toContain(`${name}: ${reason}`);
  expect((await refusal(join(source, name))).why).toContain(reason);
});

it.each(['/proc', '/sys/kernel', '/dev/null'])('%s, which the system makes up', async (path) => {
  expect((await refusal(path)).why).toContain('made up by the system');
});

it('a table whose names several files have, or that names folders', async () => {
  await plantImages(source, { train: 3, test: 3 });
  writeFileSync(join(source, 'labels.csv'), 'id,label\n0,a\n1,b\n2,a\n');
  expect((await refusal(join(source, 'labels.csv'))).why).toMatch(
    /0: Line 2: the file is not there; 2 files elsewhere have its name \((train|test)\/0\.png, /,
  );
  mkdirSync(join(source, 'cats'));
  writeFileSync(join(source, 'folders.csv'), 'path,label\ntrain,a\ncats,b\n');
  expect((await refusal(join(source, 'folders.csv'))).why).toContain('train: Line 2: it is a folder, not an image.');
});
