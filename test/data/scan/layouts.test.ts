/**
 * Layouts of folders: splits with many names, folders around everything, and the question that is asked where two
 * readings are possible.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LayoutReading } from '../../../src/shared/contract/layout';
import type { AppError } from '../../../src/shared/errors';
import type { Review } from '../../../src/main/services/datasets/imports';
import { plantImages } from '../../support/plant-images';
import { rejectionOf } from '../../support/refusal';
import { scanned } from '../../support/review-folder';
import { temporary } from '../../support/training';

let source: string;
let home: string;
beforeEach(() => {
  source = temporary('layouts');
  home = temporary('home');
});

const scan = (layout?: LayoutReading): Promise<Pick<Review, 'dataset' | 'problems'>> =>
  scanned({ source, home, ...(layout ? { read: { layout } } : {}) });

const refusal = (): Promise<AppError> => rejectionOf(scan());

const both = (train: string, test: string): Record<string, number> => ({
  ...{ [`${train}/cats`]: 4, [`${train}/dogs`]: 4, [`${test}/cats`]: 2, [`${test}/dogs`]: 2 },
});

describe('splits under other words', () => {
  it.each([
    ['training_set', 'test_set', 'test'],
    ['seg_train/seg_train', 'seg_test/seg_test', 'test'],
    ['train', 'dev', 'val'],
    ['Train', 'Valid', 'val'],
    ['TRAINING', 'VALIDATION', 'val'],
    ['train', 'eval', 'val'],
    ['train-set', 'holdout-set', 'test'],
    ['TrainImages', 'TestImages', 'test'],
    ['trainset', 'testset', 'test'],
    ['train2017', 'val2017', 'val'],
    ['Training Data', 'Testing Data', 'test'],
    ['birds_train', 'birds_test', 'test'],
    ['imgs.train', 'imgs.valid', 'val'],
    ['train/images', 'val/images', 'val'],
    ['wrapper/train', 'wrapper/test', 'test'],
    ['one/two/training', 'one/two/validation', 'val'],
    ['训练集', '测试集', 'test'],
  ])('%s and %s', async (train, held, split) => {
    await plantImages(source, both(train, held));
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual(['cats', 'dogs']);
    expect(dataset.record.counts[split]).toEqual(
      split === 'val' || split === 'test' ? { cats: 2, dogs: 2 } : undefined,
    );
    expect(dataset.record.options.val_drawn).toBe(split !== 'val');
    expect(dataset.record.counts['train']).toEqual(split === 'val' ? { cats: 4, dogs: 4 } : { cats: 3, dogs: 3 });
    expect(problems.filter(({ kind }) => kind === 'ignored')).toEqual([]);
    const { layout } = dataset.record.options;
    expect(layout?.splits.map((folder) => folder.split).sort()).toEqual([split, 'train'].sort());
  });

  it('are not seen in classes whose names hold such a word', async () => {
    await plantImages(source, { 'bullet train': 3, 'test tube': 3, value: 3, 'evaluation board': 3, trainers: 3 });
    const { dataset } = await scan();
    expect(dataset.classes).toEqual(['bullet train', 'evaluation board', 'test tube', 'trainers', 'value']);
  });

  it('may all be held by unlabelled folders beside, which are listed', async () => {
    await plantImages(source, { ...both('seg_train/seg_train', 'seg_test/seg_test'), 'seg_pred/seg_pred': 2 });
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual(['cats', 'dogs']);
    expect(problems.filter(({ kind }) => kind === 'ignored').map(({ path }) => path)).toEqual([
      'seg_pred/seg_pred/0.png',
      'seg_pred/seg_pred/1.png',
    ]);
  });
});

describe('a folder around everything', () => {
  it('is gone through, with a text file and a folder without images beside it', async () => {
    await plantImages(source, { 'dataset/dataset/a': 4, 'dataset/dataset/b': 4 });
    writeFileSync(join(source, 'README.md'), 'a');
    mkdirSync(join(source, '__MACOSX/dataset'), { recursive: true });
    writeFileSync(join(source, '__MACOSX/dataset/._a'), 'x');
    const { dataset } = await scan();
    expect([dataset.classes, dataset.record.options.layout?.base]).toEqual([['a', 'b'], 'dataset/dataset']);
  });

  it.each([
    ['beside the splits', 'wrapper'],
    ['beside the folder of the splits', '.'],
  ])('is gone through where a picture lies %s', async (_, folder) => {
    await plantImages(source, { ...both('wrapper/train', 'wrapper/test'), [folder]: 1 });
    const { dataset, problems } = await scan();
    expect([dataset.classes, dataset.record.options.layout?.base]).toEqual([['cats', 'dogs'], 'wrapper']);
    expect(problems.filter(({ kind }) => kind === 'ignored').map(({ path }) => path)).toEqual([
      folder === '.' ? '0.png' : 'wrapper/0.png',
    ]);
  });

  it('is not seen in the only class', async () => {
    await plantImages(source, { a: 4 });
    expect((await scan()).dataset.classes).toEqual(['a']);
  });
});

describe('what could be read in two ways is refused until somebody says', () => {
  it('folders that hold the same sub-folders', async () => {
    await plantImages(source, both('part one', 'part two'));
    const { code, why, next } = await refusal();
    expect([code, next]).toEqual(['bad_dataset', expect.stringContaining('--layout classes or --layout splits')]);
    expect(why).toContain('part one, part two hold the same sub-folders (cats, dogs)');
    expect(why).toContain('Read as classes: 2 classes (part one, part two), train 12, val drawn from train.');
    expect(why).toContain('Read as splits: 2 classes (cats, dogs), train 12, val drawn from train.');
    expect((await scan('classes')).dataset.classes).toEqual(['part one', 'part two']);
    expect((await scan('splits')).dataset.record.counts).toEqual({
      train: { cats: 4, dogs: 4 },
      val: { cats: 2, dogs: 2 },
    });
  });

  it('splits within each class', async () => {
    await plantImages(source, { 'cats/train': 3, 'cats/val': 1, 'dogs/train': 3, 'dogs/val': 1, 'emus/train': 2 });
    expect((await refusal()).why).toContain('Read as splits: 3 classes (cats, dogs, emus), train 8, val 2.');
    expect((await scan('splits')).dataset.record.counts).toEqual({
      train: { cats: 3, dogs: 3, emus: 2 },
      val: { cats: 1, dogs: 1 },
    });
    expect((await scan('classes')).dataset.classes).toEqual(['cats', 'dogs', 'emus']);
  });

  it.each([
    [
      'test',
      { cats: 4, dogs: 4, test: 3 },
      ['cats', 'dogs', 'test'],
      { train: { cats: 3, dogs: 3 }, val: { cats: 1, dogs: 1 } },
    ],
    [
      'val',
      { cats: 4, dogs: 4, 'val/cats': 2, 'val/dogs': 1 },
      ['cats', 'dogs', 'val'],
      { train: { cats: 4, dogs: 4 }, val: { cats: 2, dogs: 1 } },
    ],
  ])('a folder %s beside classes', async (name, folders, classes, counts) => {
    await plantImages(source, folders);
    expect((await refusal()).why).toContain(`The folder ${name} is named like a split`);
    expect((await scan('classes')).dataset.classes).toEqual(classes);
    expect((await scan('splits')).dataset.record.counts).toEqual(counts);
  });

  it.each([
    ['cats_train', 'cats_test', 'Dogs_train', 'Dogs_test', ['Dogs', 'cats']],
    ['train-cats', 'test-cats', 'train-red fox', 'test-red fox', ['cats', 'red fox']],
  ])('classes in the names of the splits: %s, %s, %s, %s', async (train, test, otherTrain, otherTest, classes) => {
    const folders = [train, test, otherTrain, otherTest];
    await plantImages(source, { [train]: 4, [test]: 2, [otherTrain]: 4, [otherTest]: 1 });
    expect((await refusal()).why).toContain(
      `The names of the folders ${folders.toSorted().join(', ')} hold a word for a split and a class each`,
    );
    const { dataset, problems } = await scan('splits');
    expect(dataset.classes).toEqual(classes);
    expect(Object.values(dataset.record.counts['test'] ?? {}).toSorted()).toEqual([1, 2]);
    expect(problems.filter(({ kind }) => /ignored|empty/.test(kind))).toEqual([]);
    expect((await scan('classes')).dataset.classes).toEqual(folders.toSorted());
  });

  it('train and val beside folders of images', async () => {
    await plantImages(source, { ...both('train', 'val'), cows: 2 });
    expect((await refusal()).why).toContain('The folders train, val are named like splits');
    const { dataset, problems } = await scan('splits');
    expect(dataset.record.counts).toEqual({ train: { cats: 4, dogs: 4 }, val: { cats: 2, dogs: 2 } });
    expect(problems.filter(({ kind }) => kind === 'ignored').map(({ path }) => path)).toEqual([
      'cows/0.png',
      'cows/1.png',
    ]);
  });
});

it('classes whose images lie in one sub-folder each are classes', async () => {
  await plantImages(source, { 'n01/images': 3, 'n02/images': 3 });
  expect((await scan()).dataset.classes).toEqual(['n01', 'n02']);
});

it('classes are in the order of code points, as ImageFolder has them', async () => {
  await plantImages(source, { zz: 2, Ａfull: 2, '😀smile': 2 });
  expect((await scan()).dataset.classes).toEqual(['zz', 'Ａfull', '😀smile']);
});

it('a link to itself at the top is named, and the rest is imported', async () => {
  await plantImages(source, { a: 3, b: 3 });
  symlinkSync('loop', join(source, 'loop'));
  const { dataset, problems } = await scan();
  expect(dataset.classes).toEqual(['a', 'b']);
  expect(problems).toContainEqual({ kind: 'link_loop', path: 'loop', reason: 'It links to itself.' });
});
