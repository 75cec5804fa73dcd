/**
 * The review of a table as the window does it: its findings, notes that exclude nothing, and the answer to a refusal.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FINDING_KINDS, scanArgs } from '../../src/shared/contract/reviews';
import type { TableReading } from '../../src/shared/contract/table';
import { handlers } from '../../src/main/services/calls/reviews';
import { job as scan } from '../../src/main/services/jobs/scan';
import { problemsOf } from '../../src/main/store/samples';
import { readingOf } from '../../src/renderer/views/datasets/table-reading';
import { caller, contextOf, jobCall } from '../support/calls';
import { CLASSES, imageFolder, imageName, lines } from '../support/table-source';
import { temporary } from '../support/training';

const home = temporary('home');
const context = contextOf(home);
const call = caller(context, handlers);
afterAll(() => {
  context.jobs.close();
  context.store.close();
});

async function tableOf(text: string): Promise<string> {
  const source = join(await imageFolder((index) => imageName(index).toUpperCase()), 'folds.csv');
  writeFileSync(source, text);
  return source;
}

const scanned = async (source: string, table?: TableReading): Promise<string> =>
  (await scan.run(scanArgs.parse({ source, ...(table ? { table } : {}) }), jobCall(home))).review;

const folds = lines(
  (index) => `${imageName(index)},${index === 5 ? '' : CLASSES[index % 3]},${index % 4},9`,
  'image,dx,fold,age',
);

it('a refused table is read once it is said how, and the review keeps what was said', async () => {
  const source = await tableOf(folds);
  await expect(scanned(source)).rejects.toMatchObject({
    code: 'bad_dataset',
    next: expect.stringContaining('--val-value') as string,
  });
  const said = readingOf(new Map([['val_value', ' 0 ']]), 'utf-8');
  const review = await scanned(source, said);
  const { table, val_drawn, findings, blocked } = await call('reviews.get', { review });
  expect([table, val_drawn, blocked]).toEqual([{ val_value: '0', encoding: 'utf-8' }, false, null]);
  expect(findings).toMatchObject({
    bad_row: { count: 1, excluded: 1 },
    other_spelling: { count: 1, excluded: 0 },
    unused_column: { count: 1, excluded: 0 },
    table_note: { count: 1, excluded: 0 },
  });
});

it('each finding has its page; notes leave nothing out, in the record neither', async () => {
  const review = await scanned(await tableOf(folds), { val_value: '0' });
  const pages = await Promise.all(
    FINDING_KINDS.map((kind) => call('reviews.findings', { review, kind, offset: 0, limit: 9 })),
  );
  const found = pages.flatMap((page) => page.findings).filter(({ kind }) => /row|spelling|column|note/.test(kind));
  expect(found.map(({ kind, path, excluded }) => [kind, path, excluded])).toEqual([
    ['bad_row', 'line 7', true],
    ['other_spelling', 'folds.csv: case', false],
    ['unused_column', 'folds.csv: column 4', false],
    ['table_note', 'folds.csv: split', false],
  ]);
  const { dataset } = await call('reviews.commit', { review, name: 'folds' });
  const kept = problemsOf(context.store, dataset).filter(({ kind }) => /row|spelling|column|note/.test(kind));
  expect(kept.map(({ kind, excluded }) => [kind, excluded]).toSorted()).toEqual([
    ['bad_row', true],
    ['other_spelling', false],
    ['table_note', false],
    ['unused_column', false],
  ]);
});
