/**
 * Images without labels: every image below a folder, or in a table's column of paths. Findings about classes don't
 * apply to them.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorData } from '../../../src/shared/errors';
import type { ReadOptions } from '../../../src/main/engine/data/scan/entries';
import type { Review } from '../../../src/main/services/datasets/imports';
import { plantImages } from '../../support/plant-images';
import { rejectionOf } from '../../support/refusal';
import { scanned } from '../../support/review-folder';
import { imageFolder, imageName, IMAGES, lines } from '../../support/table-source';
import { temporary } from '../../support/training';

let source: string;
beforeEach(() => {
  source = temporary('unlabelled');
});

interface Asked {
  of?: string;
  valSplit?: number | null;
  read?: ReadOptions;
  leaks?: boolean;
}

const scan = ({ of = source, valSplit = null, read = { unlabelled: true }, leaks = false }: Asked = {}): ReturnType<
  typeof scanned
> => scanned({ source: of, home: temporary('home'), valSplit, read, exclude: { problems: leaks, leaks } });

const refusal = async (asked: Asked = {}): Promise<ErrorData> => (await rejectionOf(scan(asked))).data;

const kinds = (problems: Review['problems']): string[] => [...new Set(problems.map(({ kind }) => kind))].sort();

describe('a folder', () => {
  it('gives every image below it, in no class and all for training', async () => {
    await plantImages(source, { '.': 2, cats: 3, 'dogs/puppies/small': 1 });
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual([]);
    expect(dataset.record.counts).toEqual({ train: { unlabelled: 6 } });
    expect(dataset.record.options).toMatchObject({ val_drawn: false, val_split: 0 });
    expect(dataset.format).toBe('unlabelled-folder');
    expect(problems).toEqual([]);
  });

  it.each([
    ['train', 'val', 'val'],
    ['wrapper/train', 'wrapper/test', 'test'],
    ['wrapper/deep/TRAINING', 'wrapper/deep/VALIDATION', 'val'],
    ['birds_train', 'birds_test', 'test'],
    ['train2017', 'val2017', 'val'],
    ['训练集', '测试集', 'test'],
  ])('keeps %s and %s as splits, whatever is in them', async (train, held, split) => {
    await plantImages(source, {
      [train]: 1,
      [`${train}/cats`]: 2,
      [`${train}/dogs/brown`]: 1,
      [held]: 1,
      [`${held}/cats`]: 1,
    });
    const { dataset } = await scan();
    expect(dataset.record.counts).toEqual({ train: { unlabelled: 4 }, [split]: { unlabelled: 2 } });
    expect(dataset.record.options.layout?.splits.map((folder) => folder.split).sort()).toEqual([split, 'train'].sort());
  });

  it('trains on what lies beside its splits', async () => {
    await plantImages(source, { '.': 1, train: 2, test: 1, unlabeled: 3, 'more/train': 1 });
    expect((await scan()).dataset.record.counts).toEqual({ train: { unlabelled: 7 }, test: { unlabelled: 1 } });
  });

  it('keeps splits that lie within its folders', async () => {
    await plantImages(source, { 'cats/train': 3, 'cats/val': 1, 'dogs/train': 3, 'dogs/val': 1, 'emus/train': 2 });
    const { dataset } = await scan();
    expect(dataset.record.counts).toEqual({ train: { unlabelled: 8 }, val: { unlabelled: 2 } });
    expect(dataset.record.options.layout?.within).toBe(true);
  });

  it('draws a val split where it is asked for, copies of an image on one side', async () => {
    await plantImages(source, { a: 10, b: 9 });
    copyFileSync(join(source, 'a/0.png'), join(source, 'b/copy.png'));
    const { dataset, problems } = await scan({ valSplit: 0.25 });
    expect(dataset.record.options.val_drawn).toBe(true);
    const { train, val } = dataset.record.counts as Record<string, { unlabelled: number }>;
    expect((train?.unlabelled ?? 0) + (val?.unlabelled ?? 0)).toBe(20);
    expect([5, 6]).toContain(val?.unlabelled);
    expect(kinds(problems)).toEqual(['duplicate']);
  });

  it('draws none where a val folder gives it', async () => {
    await plantImages(source, { train: 8, val: 2 });
    const { dataset } = await scan({ valSplit: 0.5 });
    expect(dataset.record.counts).toEqual({ train: { unlabelled: 8 }, val: { unlabelled: 2 } });
    expect(dataset.record.options.val_drawn).toBe(false);
  });

  it('has findings of copies, leaks and damaged files, and none of classes', async () => {
    await plantImages(source, { 'train/a': 4, 'train/b': 1, 'val/a': 2 });
    const at = (path: string): string => join(source, path);
    copyFileSync(at('train/a/0.png'), at('train/b/copy.png'));
    copyFileSync(at('val/a/1.png'), at('train/a/leak.png'));
    mkdirSync(at('train/empty class'));
    writeFileSync(at('train/a/empty.png'), '');
    writeFileSync(at('README.md'), 'about');
    writeFileSync(at('labels.zip'), 'x');
    writeFileSync(at('.hidden.png'), 'x');
    const { dataset, problems } = await scan();
    expect(problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['duplicate', 'train/b/copy.png'],
      ['empty', 'train/a/empty.png'],
      ['ignored', '.hidden.png'],
      ['ignored', 'labels.zip'],
      ['leak', 'train/a/leak.png'],
      ['not_an_image', 'README.md'],
    ]);
    expect(dataset.record.counts).toEqual({ train: { unlabelled: 7 }, val: { unlabelled: 2 } });
    const left = await scan({ leaks: true });
    expect(left.dataset.record.counts).toEqual({ train: { unlabelled: 5 }, val: { unlabelled: 2 } });
  });

  it('has a finding for a split folder without an image that can be used', async () => {
    await plantImages(source, { train: 3, test: 1 });
    mkdirSync(join(source, 'val'));
    writeFileSync(join(source, 'val/broken.png'), 'x');
    const { problems } = await scan();
    expect(problems.find(({ kind }) => kind === 'empty_split')).toMatchObject({
      path: 'val',
      reason: 'The folder is read as the val split, but no image in it can be used.',
    });
  });

  it('is refused where all its images are held out, with what helps', async () => {
    await plantImages(source, { test: 3 });
    const { why, next } = await refusal();
    expect(why).toBe('There is no usable training image: all 3 images are in test.');
    expect(next).toContain('import the folder of that split by itself');
    expect((await scan({ of: join(source, 'test') })).dataset.record.counts).toEqual({ train: { unlabelled: 3 } });
  });

  it('is refused where it holds no image', async () => {
    writeFileSync(join(source, 'notes.txt'), 'x');
    expect((await refusal()).next).toContain('Images are searched for in all folders below it');
  });
});

describe('where no class folder holds an image, an import without labels is offered', () => {
  const offered = (): Promise<ErrorData> => refusal({ read: {} });

  it.each([
    ['images at its top', { '.': 3 }, 'train 3'],
    ['images in folders of splits', { train: 3, val: 1 }, 'train 3, val 1'],
    ['images below a wrapper', { 'data/set/train': 3, 'data/set/test': 2 }, 'train 3, test 2'],
  ])('%s', async (_, folders, counts) => {
    await plantImages(source, folders);
    const { code, what, why, next } = await offered();
    expect([code, what]).toEqual(['bad_dataset', `No class folders were found in ${source}.`]);
    expect(why).toBe(`None of its images is in a class folder, so none has a label. Read without labels: ${counts}.`);
    expect(next).toContain(`efficienttrain import ${source} --unlabelled`);
    expect(next).toContain('put the images of each class into a folder of its own');
  });

  it('with a table beside, which may hold the labels', async () => {
    await plantImages(source, { '.': 3 });
    writeFileSync(join(source, 'labels.csv'), 'path,label\n');
    expect((await offered()).next).toContain(
      `If labels.csv holds the labels, import it instead: efficienttrain import ${join(source, 'labels.csv')}`,
    );
  });

  it('beside folders that hold no image', async () => {
    await plantImages(source, { '.': 3 });
    mkdirSync(join(source, 'docs'));
    writeFileSync(join(source, 'docs/about.txt'), 'x');
    expect((await offered()).what).toContain('No class folders');
  });

  it('not where a class folder holds one, or no file is an image', async () => {
    await plantImages(source, { '.': 3, cats: 4, dogs: 4 });
    expect((await scan({ read: {} })).dataset.classes).toEqual(['cats', 'dogs']);
    const other = temporary('no-images');
    writeFileSync(join(other, 'notes.txt'), 'x');
    expect((await refusal({ of: other, read: {} })).what).toContain('can be trained on');
  });

  it('not where a person says that the folders are classes', async () => {
    await plantImages(source, { '.': 3 });
    expect((await refusal({ read: { layout: 'classes' } })).why).toContain('It is in no class folder.');
  });
});

describe('a table', () => {
  async function table(text: string, asked: Asked = {}): ReturnType<typeof scan> {
    const folder = await imageFolder();
    writeFileSync(join(folder, 'list.csv'), text);
    return scan({ of: join(folder, 'list.csv'), ...asked });
  }
  const told = ({ problems }: Pick<Review, 'problems'>): string[] =>
    kinds(problems).filter((kind) => kind !== 'near_duplicate');

  it.each([
    ['of paths alone', lines(imageName, '')],
    ['of paths under a header', lines(imageName, 'path')],
    ['of quoted paths', lines((index) => `"${imageName(index)}"`, '"path"')],
  ])('%s', async (_, text) => {
    const read = await table(text);
    expect(read.dataset.classes).toEqual([]);
    expect(read.dataset.record.counts).toEqual({ train: { unlabelled: IMAGES } });
    expect(told(read)).toEqual([]);
  });

  it('whose paths hold blanks and commas', async () => {
    const nameOf = (index: number): string => `a picture${index % 3 ? '' : ', large'} ${index}.png`;
    const folder = await imageFolder(nameOf);
    writeFileSync(join(folder, 'list.txt'), lines(nameOf, ''));
    const { dataset } = await scan({ of: join(folder, 'list.txt') });
    expect(dataset.record.counts).toEqual({ train: { unlabelled: IMAGES } });
  });

  it('keeps its splits, and its labels are said not to be read', async () => {
    const read = await table(
      lines(
        (index) => `${imageName(index)},${index % 2 ? 'cat' : 'dog'},${index < 9 ? 'train' : 'val'}`,
        'path,label,split',
      ),
    );
    expect(read.dataset.record.counts).toEqual({ train: { unlabelled: 9 }, val: { unlabelled: 3 } });
    expect(read.problems.filter(({ kind }) => kind === 'unused_column').map(({ reason }) => reason)).toEqual([
      'The column label isn’t used.',
    ]);
  });

  it('takes a file once, whatever its labels', async () => {
    const text = `${lines((index) => `${imageName(index)},cat`, 'path,label')}${imageName(0)},dog\n`;
    const read = await table(text);
    expect(read.dataset.record.counts).toEqual({ train: { unlabelled: IMAGES } });
    expect(read.problems.find(({ kind }) => kind === 'ignored')?.reason).toBe('Line 14 says again what line 2 says.');
  });

  it('without labels is refused otherwise, with the way out', async () => {
    const folder = await imageFolder();
    writeFileSync(join(folder, 'list.csv'), lines(imageName, 'path'));
    expect((await refusal({ of: join(folder, 'list.csv'), read: {} })).next).toContain('--unlabelled');
    writeFileSync(
      join(folder, 'wide.csv'),
      lines((index) => `${imageName(index)},${index}.5,x${index}`, 'path,height,note'),
    );
    expect((await refusal({ of: join(folder, 'wide.csv'), read: {} })).next).toContain('--unlabelled');
  });
});
