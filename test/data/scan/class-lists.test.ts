/**
 * Findings of a scan about lists of classes: classes missing from a split, nearly equal names, and classes with one
 * image or none.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { plantImages } from '../../support/plant-images';
import { scanned } from '../../support/review-folder';
import { temporary } from '../../support/training';

let source: string;
let home: string;
beforeEach(() => {
  source = temporary('class-lists');
  home = temporary('home');
});

const scan = ({ from = source, leaks = false } = {}): ReturnType<typeof scanned> =>
  scanned({ source: from, home, exclude: { problems: false, leaks } });

const KINDS = [
  ...[
    'empty_split',
    'empty_class',
    'only_class',
    'untrained_class',
    'unmeasured_class',
    'single_image_class',
    'similar_classes',
  ],
];

/** Returns findings about classes: kind -> paths. */
async function said(options = {}): Promise<Record<string, string[]>> {
  const { problems } = await scan(options);
  const of = (kind: string): string[] => problems.filter((problem) => problem.kind === kind).map(({ path }) => path);
  return Object.fromEntries(KINDS.flatMap((kind) => (of(kind).length ? [[kind, of(kind)]] : [])));
}

describe('lists of classes', () => {
  it('say nothing where all is well', async () => {
    await plantImages(source, { 'train/a': 3, 'train/b': 3, 'val/a': 2, 'val/b': 2 });
    expect(await said()).toEqual({});
  });

  it('are compared between the splits', async () => {
    await plantImages(source, { 'train/cat': 3, 'train/dog': 3, 'val/Cat': 2, 'val/Dog': 2 });
    expect(await said()).toEqual({
      untrained_class: ['Cat', 'Dog'],
      unmeasured_class: ['cat', 'dog'],
      similar_classes: ['cat', 'dog'],
    });
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual(['Cat', 'Dog', 'cat', 'dog']);
    expect(problems.find(({ kind, path }) => kind === 'untrained_class' && path === 'Cat')?.reason).toBe(
      "The class has 2 images in val and no training image: it can't be learnt, and accuracy on it can only be 0.",
    );
    expect(problems.find(({ kind }) => kind === 'similar_classes')).toMatchObject({
      reason: "Its name differs from another class's only in case.",
      others: ['Cat'],
    });
    // They are notes, and exclude nothing.
    expect(dataset.record.excluded).toEqual({});
  });

  it('name a class that only val or test has', async () => {
    await plantImages(source, {
      'train/a': 3,
      'train/b': 3,
      'val/a': 2,
      'val/b': 2,
      'val/zebra': 2,
      'test/yak': 3,
      'test/a': 1,
    });
    expect(await said()).toEqual({ untrained_class: ['yak', 'zebra'] });
  });

  it.each([
    ['Unicode form', 'caf\u00e9', 'cafe\u0301'],
    ['case and Unicode form', 'Caf\u00e9', 'cafe\u0301'],
    ['spaces', 'red fox', 'red  fox'],
    ['Unicode form and spaces', '\uff21 ', 'A'],
    ['spaces', 'red fox', 'red\u00a0fox'],
    ['invisible characters', 'red fox', 'red fox\u200b'],
    ['Unicode form', 'K', '\u212a'],
    ['how a number is written', '1', '01'],
    ['how a number is written', '-7', '-7.0'],
    ['how a number is written', '0', '+0,00'],
  ])('find names that differ only in %s', async (what, first, second) => {
    await plantImages(source, { [first]: 4, [second]: 4, other: 4 });
    const { dataset, problems } = await scan();
    expect(dataset.classes).toHaveLength(3);
    expect(problems.filter(({ kind }) => kind === 'similar_classes').map(({ reason }) => reason)).toEqual([
      `Its name differs from another class's only in ${what}.`,
    ]);
  });

  it('do not take different numbers, and numbers within words, for the same', async () => {
    await plantImages(source, {
      '1': 4,
      '10': 4,
      '100': 4,
      '-1': 4,
      '1.5': 4,
      v01: 4,
      v1: 4,
      '0': 4,
      '00x': 4,
      '0x': 4,
    });
    expect(await said()).toEqual({});
  });

  it('do not call a folder empty that could not be followed', async () => {
    await plantImages(source, { a: 4, b: 4 });
    symlinkSync('..', join(source, 'up'));
    const { problems } = await scan();
    expect(problems.map(({ kind, path }) => [kind, path])).toEqual([['link_loop', 'up']]);
  });

  it('name a class that is the only one', async () => {
    await plantImages(source, { images: 4 });
    expect(await said()).toEqual({ only_class: ['images'] });
  });

  it('name folders without an image, and those whose files can’t be used', async () => {
    await plantImages(source, { a: 4, b: 4 });
    for (const name of ['c', 'd', 'e/deep']) mkdirSync(join(source, name), { recursive: true });
    writeFileSync(join(source, 'c/.gitkeep'), '');
    writeFileSync(join(source, 'd/broken.png'), 'no image');
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual(['a', 'b']);
    expect(problems.filter(({ kind }) => kind === 'empty_class').map(({ path, reason }) => [path, reason])).toEqual([
      [
        'c',
        "The class's folder holds no image, so it is no class here. PyTorch's ImageFolder refuses it, or counts it where told to.",
      ],
      ['d', 'The class has one file here, and none can be used.'],
      [
        'e',
        "The class's folder holds no image, so it is no class here. PyTorch's ImageFolder refuses it, or counts it where told to.",
      ],
    ]);
  });

  it('name an empty class of one split, and a split that gives nothing', async () => {
    await plantImages(source, { 'train/a': 4, 'train/b': 4, 'test/a': 2, val: 3 });
    mkdirSync(join(source, 'test/b'));
    expect(await said()).toEqual({ empty_class: ['test/b'], empty_split: ['val'] });
  });

  it('name classes with one image', async () => {
    await plantImages(source, { a: 4, b: 4, lonely: 1 });
    expect(await said()).toEqual({ single_image_class: ['lonely'] });
  });

  it('are named up to a sentence’s length where one image is in many', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await plantImages(source, Object.fromEntries(names.map((name) => [name, 2])));
    for (const name of names) copyFileSync(join(source, 'a/0.png'), join(source, name, '0.png'));
    const { problems } = await scan();
    expect(problems.find(({ kind, path }) => kind === 'label_conflict' && path === 'a/0.png')?.reason).toBe(
      'The same image is also labelled b, c, d, e, f and 2 more.',
    );
  });

  it('are compared for a table too', async () => {
    await plantImages(source, { images: 8 });
    const files = readdirSync(join(source, 'images')).map((name) => `images/${name}`);
    const rows = files.map((file, index) => `${file},${index % 2 ? 'a' : 'A'},${index < 6 ? 'train' : 'val'}`);
    writeFileSync(join(source, 'labels.csv'), ['path,label,split', ...rows, 'images/none.png,ghost,train'].join('\n'));
    expect(await said({ from: join(source, 'labels.csv') })).toEqual({ similar_classes: ['a'] });
    writeFileSync(join(source, 'images/none.png'), 'x');
    expect(await said({ from: join(source, 'labels.csv') })).toEqual({
      similar_classes: ['a'],
      empty_class: ['ghost'],
    });
  });

  it('are compared as things stand when files have been left out', async () => {
    await plantImages(source, { 'train/a': 3, 'train/b': 1, 'val/a': 2, 'val/b': 1 });
    copyFileSync(join(source, 'val/b/0.png'), join(source, 'train/b/0.png'));
    expect(readFileSync(join(source, 'train/b/0.png'))).toEqual(readFileSync(join(source, 'val/b/0.png')));
    expect(await said()).toEqual({});
    expect(await said({ leaks: true })).toEqual({ untrained_class: ['b'] });
  });
});
