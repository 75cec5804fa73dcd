/** Tables of path, label and split: those that spreadsheets write, and files that are listed twice. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { Review } from '../../../src/main/services/datasets/imports';
import { openStore } from '../../../src/main/store/open';
import { databasePath } from '../../../src/main/base/home';
import { countSamples } from '../../../src/main/store/samples';
import { reviewFolder } from '../../support/review-folder';
import { tinyDataset } from '../../support/tiny-dataset';
import { temporary } from '../../support/training';

let source: string;
let home: string;
beforeEach(async () => {
  source = temporary('table');
  home = temporary('home');
  await tinyDataset(source, 4);
});

function table(content: string | Buffer, exclude = false, name = 'labels.csv'): Promise<Review> {
  writeFileSync(join(source, name), content);
  return reviewFolder({
    ...{ source: join(source, name), home, valSplit: 0.5 },
    exclude: { problems: exclude, leaks: exclude },
  });
}

const TWICE = [
  'red/0.png,a,train',
  'red/0.png,b,train', // a different label
  'red/1.png,a,train',
  'red/1.png,a,val', // a different split
  'red/2.png,b,train',
  'red/2.png,b,train', // the same row again
  'red/3.png,b,val',
].join('\n');

it('one file under two labels is a conflict, in two splits a leak, the same line again is said', async () => {
  const { dataset, problems, commit } = await table(TWICE);
  expect(problems.map(({ kind, path, reason }) => [kind, path, reason])).toEqual([
    ['ignored', 'red/2.png', 'Line 6 says again what line 5 says.'],
    ['label_conflict', 'red/0.png', 'It is labelled a in line 1 and b in line 2.'],
    ['leak', 'red/1.png', 'The same image is in the val split.'],
  ]);
  expect(dataset.record.counts).toEqual({ train: { a: 2, b: 1 }, val: { a: 1, b: 1 } });
  const store = openStore(databasePath(home));
  commit(store);
  expect(countSamples(store, dataset.id, 'train').count).toBe(3);
  store.close();
});

it('and the options leave them out as they do with copies', async () => {
  const { dataset, discard } = await table(TWICE, true);
  discard();
  expect(dataset.record.counts).toEqual({ train: { b: 1 }, val: { a: 1, b: 1 } });
  expect(dataset.record.excluded).toEqual({ label_conflict: 1, leak: 1 });
});

it('Unicode text of a spreadsheet: UTF-16 with tabs', async () => {
  const text = `\uFEFFpath\tlabel\r\n${['0', '1', '2', '3'].map((name) => `red/${name}.png\t${Number(name) < 2 ? 'ä' : 'ö'}`).join('\r\n')}`;
  const { dataset, problems, discard } = await table(Buffer.from(text, 'utf16le'), false, 'labels.txt');
  discard();
  expect([dataset.record.counts, problems]).toEqual([{ train: { ä: 1, ö: 1 }, val: { ä: 1, ö: 1 } }, []]);
});

it('links that lead nowhere, folders and missing files have different reasons', async () => {
  symlinkSync('self.png', join(source, 'self.png'));
  symlinkSync('nowhere.png', join(source, 'broken.png'));
  mkdirSync(join(source, 'folder.png'));
  const rows = [
    'self.png,a',
    'broken.png,a',
    'folder.png,a',
    'gone.png,a',
    'red/0.png,a',
    'red/1.png,a',
    'green/0.png,b',
    'green/1.png,b',
  ];
  const { problems, discard } = await table(rows.join('\n'));
  discard();
  expect(problems.map(({ kind, path, reason }) => [kind, path, reason])).toEqual([
    ['broken_link', 'broken.png', 'Line 2: what it links to is not there.'],
    ['link_loop', 'self.png', 'Line 1: it links to itself.'],
    ['unreadable', 'folder.png', 'Line 3: it is a folder, not an image.'],
    ['unreadable', 'gone.png', 'Line 4: the file is not there.'],
  ]);
});

it('too few images for a drawn split: what to raise', async () => {
  await expect(table('red/0.png,a\nred/1.png,b', false)).rejects.toMatchObject({
    why: expect.stringContaining('no usable training image') as string,
  });
  const few = reviewFolder({ source, home, valSplit: 0.1 });
  await expect(few).rejects.toMatchObject({ next: expect.stringContaining('--val-split') as string });
  await expect(table('path,label\n')).rejects.toMatchObject({ why: expect.stringContaining('no rows') as string });
});
