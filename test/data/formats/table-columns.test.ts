/** Which column has which role: known words, the user's answers, and what is refused instead of guessed. */
import { describe, expect, it } from 'vitest';
import { CLASSES, imageName, importTable, labelled, lines } from '../../support/table-source';

const label = (index: number): string => CLASSES[index % 3] as string;
/** Makes rows of path, label and more fields. */
const withMore = (header: string, more: (index: number) => string): string =>
  lines((index) => `${imageName(index)},${label(index)},${more(index)}`, header);
const GIVEN = { train: { bird: 3, cat: 3, dog: 3 }, val: { bird: 1, cat: 1, dog: 1 } };

describe('headers', () => {
  it.each(
    [
      [
        'path,label',
        'image,class',
        'Filename,Category',
        'IMAGE_PATH,Diagnosis',
        'img,dx',
        'id,breed',
        'file name,species',
        'Image Index,Finding Labels',
        'img_path,gt_label',
      ],
      ['fname,target', 'Image Name,Class Label', 'filepaths,labels', 'image_id,dx', '图片,类别', 'path,label,'],
    ].flat(),
  )('%s', async (header) => {
    expect(await importTable(labelled(header))).toMatchObject({
      images: 12,
      classes: ['bird', 'cat', 'dog'],
      problems: [],
    });
  });

  it('columns in another order, and those that are not used are named', async () => {
    const text = lines(
      (index) => `${index},${imageName(index)},x,${label(index)},30`,
      'lesion_id,image_id,site,dx,age',
    );
    const { classes, problems } = await importTable(text);
    expect(classes).toEqual(['bird', 'cat', 'dog']);
    expect(problems.map(({ kind, reason }) => [kind, reason])).toEqual(
      ['lesion_id', 'site', 'age'].map((name) => ['unused_column', `The column ${name} isn’t used.`]),
    );
  });

  it('none: the rows begin at once, whichever column holds the files', async () => {
    expect(await importTable(labelled(''))).toMatchObject({ images: 12, problems: [] });
    expect(await importTable(lines((index) => `${label(index)},${imageName(index)}`, ''))).toMatchObject({
      images: 12,
      problems: [],
    });
    const ids = await importTable(labelled('').replaceAll('.png', ''));
    expect([ids.images, ids.problems.map(({ kind }) => kind)]).toEqual([12, ['other_spelling']]);
    const split = await importTable(withMore('', (index) => (index < 9 ? 'train' : 'dev')));
    expect(split).toMatchObject({ counts: GIVEN, valDrawn: false, problems: [] });
  });

  it.each([
    ['no known word', labelled('a,b'), /^Its first line, a, b, is neither a header/],
    ['no label', labelled('file,site'), /^Its header is file, site, .*labels\.$/],
    ['no path', labelled('thing,label'), /^Its header is thing, label, .*paths of the images\.$/],
    ['two labels', withMore('path,label,class', label), /^Its columns label and class could both be the label\.$/],
    ['one name twice', withMore('path,label,label', label), /^Its columns label and label could both/],
    ['two splits', withMore('path,label,split,subset', () => 'train,val'), /split and subset could both be the split/],
  ])('%s: refused with the columns and the options', async (_, text, why) => {
    await expect(importTable(text)).rejects.toMatchObject({
      code: 'bad_dataset',
      why: expect.stringMatching(why) as string,
      next: expect.stringMatching(/--(label|path|split)-column/) as string,
    });
  });

  it.each([
    ['a comment', '# mine\n', 'Line 1 comes'],
    ['several', '# made by a tool, version 2\n\n# by me\n', 'Lines 1 to 3 come'],
    ['a title of a spreadsheet', 'My birds,\n,\n', 'Lines 1 to 2 come'],
  ])('%s before the table is not read, and that is said', async (_, before, said) => {
    const { images, problems } = await importTable(before + labelled());
    expect([images, problems.map(({ kind, reason }) => [kind, reason.slice(0, said.length)])]).toEqual([
      12,
      [['table_note', said]],
    ]);
  });

  it('comments before rows without a header, and a header behind a number sign', async () => {
    const bare = await importTable(`# mine\n# by me\n${labelled('')}`);
    expect([bare.images, bare.problems.map(({ kind }) => kind)]).toEqual([12, ['table_note']]);
    expect((await importTable(labelled('#path,label'))).problems).toEqual([]);
    expect((await importTable(labelled('# path label', ' '), { file: 'list.txt' })).problems).toEqual([]);
  });

  it.each([',', '\t', ' '])('a header without a name for the names of rows, as R writes it (%j)', async (separator) => {
    const quote = (...fields: string[]): string => fields.map((field) => `"${field}"`).join(separator);
    const text = lines((index) => quote(String(index + 1), imageName(index), label(index)), quote('path', 'label'));
    const { images, classes, problems } = await importTable(text);
    expect([images, classes]).toEqual([12, ['bird', 'cat', 'dog']]);
    expect(problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['table_note', 'labels.csv: header'],
      ['unused_column', 'labels.csv: column 1'],
    ]);
  });

  it('a comma in every label is not taken for that', async () => {
    const refused = importTable(lines((index) => `${imageName(index)},small, ${label(index)}`));
    await expect(refused).rejects.toMatchObject({
      why: expect.stringContaining('it has 3 fields where the header has 2') as string,
    });
  });

  it('a running number is no label, and different labels in each row are refused as that', async () => {
    const { classes, problems } = await importTable(
      lines((index) => `${index}\t${label(index)}\t${imageName(index)}`, ''),
    );
    expect([classes, problems.map(({ path }) => path)]).toEqual([['bird', 'cat', 'dog'], ['labels.csv: column 1']]);
    await expect(importTable(lines((index) => `${imageName(index)},${index / 7}`))).rejects.toMatchObject({
      why: expect.stringContaining('the 12 images have 12 different labels') as string,
      next: expect.stringContaining('--label-column') as string,
    });
  });

  it('a name is taken before a number for it, and that is said', async () => {
    const text = lines((index) => `${imageName(index)},${index % 3},${label(index)}`, 'path,label,label_name');
    const { classes, problems } = await importTable(text);
    expect(classes).toEqual(['bird', 'cat', 'dog']);
    expect(problems[0]?.reason).toMatch(/^The column label could be the label too; label_name is taken/);
  });

  it('the user’s word goes first, by name or number', async () => {
    const text = withMore('a,b,label', () => 'thing');
    expect((await importTable(text, { path_column: 'A', label_column: 'b' })).classes).toEqual(['bird', 'cat', 'dog']);
    expect((await importTable(text, { path_column: '1', label_column: '2' })).classes).toEqual(['bird', 'cat', 'dog']);
    expect((await importTable(labelled(''), { path_column: '1', label_column: '2' })).images).toBe(12);
    await expect(importTable(text, { path_column: 'a', label_column: 'nothing' })).rejects.toMatchObject({
      why: 'It has no column nothing; its columns are a, b, label.',
    });
    await expect(importTable(text, { path_column: 'a', label_column: 'a' })).rejects.toMatchObject({
      code: 'bad_dataset',
    });
  });
});

describe('a column for each class', () => {
  const hot = (index: number, one = '1', zero = '0'): string[] =>
    CLASSES.map((_, column) => (column === index % 3 ? one : zero));

  it.each([
    ['1 and 0', ',', '1', '0'],
    ['1.0 and 0.0', ',', '1.0', '0.0'],
    ['True and False', ',', 'True', 'False'],
    ['decimal commas', ';', '1,0', '0,0'],
  ])('%s', async (_, separator, one, zero) => {
    const text = lines(
      (index) => [imageName(index), '30', ...hot(index, one, zero)].join(separator),
      ['image', 'age', ...CLASSES].join(separator),
    );
    const { classes, images, problems } = await importTable(text);
    expect([classes, images]).toEqual([['bird', 'cat', 'dog'], 12]);
    expect(problems.map(({ kind }) => kind)).toEqual(['table_note', 'unused_column']);
  });

  it('rows with no 1 or several are left out by line; where most have, the table is refused', async () => {
    const rows = (odd: (index: number) => string[] | null): string =>
      lines((index) => [imageName(index), ...(odd(index) ?? hot(index))].join(','), ['image', ...CLASSES].join(','));
    const { images, problems } = await importTable(
      rows((index) => (index === 2 ? ['1', '1', '0'] : index === 3 ? ['0', '0', '0'] : null)),
    );
    expect(images).toBe(10);
    expect(problems.slice(0, 2).map(({ reason }) => reason)).toEqual([
      'Line 4: img02.png: it has several labels: cat, dog.',
      'Line 5: img03.png: it has no 1 in any column of a class.',
    ]);
    await expect(importTable(rows((index) => (index % 4 ? ['1', '1', '0'] : null)))).rejects.toMatchObject({
      code: 'bad_dataset',
    });
  });
});

describe('a split column', () => {
  const held = (index: number): boolean => index >= 9;

  it.each([
    ['split', 'train', 'val'],
    ['subset', 'train', 'val'],
    ['Set', 'Training', 'Validation'],
    ['partition', 'TRAIN', 'dev'],
    ['data set', 'train', 'valid'],
    ['Usage', 'Training', 'PublicTest'],
    ['whatever', 'training_set', 'validation_set'],
    ['is_valid', 'False', 'True'],
    ['is_val', '0', '1'],
    ['is_train', 'yes', 'no'],
    ['train', 'True', 'False'],
    ['valid', '0', '1'],
    ['Validation', 'no', 'yes'],
  ])('%s: %s and %s are used, nothing is drawn', async (name, train, val) => {
    const { counts, valDrawn } = await importTable(
      withMore(`path,label,${name}`, (index) => (held(index) ? val : train)),
    );
    expect([counts, valDrawn]).toEqual([GIVEN, false]);
  });

  it.each([
    ['fold', (index: number) => String(index % 4)],
    ['split', (index: number) => (held(index) ? '1' : '0')],
    ['set', (index: number) => (held(index) ? 'B' : 'A')],
    ['is_valid', (index: number) => (held(index) ? 'maybe' : 'no')],
  ])('%s with other values: refused with the way out, never drawn', async (name, value) => {
    await expect(importTable(withMore(`path,label,${name}`, value))).rejects.toMatchObject({
      why: expect.stringContaining(`Its column ${name} looks like a split, but holds`) as string,
      next: expect.stringMatching(/--val-value VALUE.*--split-column none/) as string,
    });
  });

  it('a value may be named as the validation split, or the column set aside', async () => {
    const text = withMore('path,label,fold', (index) => String(Math.floor(index / 3)));
    expect(await importTable(text, { val_value: '3' })).toMatchObject({ counts: GIVEN, valDrawn: false });
    await expect(importTable(text, { val_value: '7' })).rejects.toMatchObject({
      why: expect.stringContaining('0, 1, 2, 3') as string,
    });
    const drawn = await importTable(text, { split_column: 'none' });
    expect([drawn.valDrawn, drawn.problems.map(({ kind }) => kind)]).toEqual([true, ['table_note', 'unused_column']]);
  });

  it('without validation rows it is said that they are drawn; a row of no split is left out', async () => {
    const test = await importTable(withMore('path,label,split', (index) => (held(index) ? 'test' : 'train')));
    expect(test.counts['test']).toEqual({ bird: 1, cat: 1, dog: 1 });
    expect(test.problems[0]?.reason).toMatch(/^The column split has no validation rows/);
    const odd = await importTable(
      withMore('path,label,split', (index) =>
        index === 1 ? 'sideways' : index === 2 ? '' : held(index) ? 'val' : 'train',
      ),
    );
    expect(odd.problems.map(({ reason }) => reason)).toEqual([
      'Line 3: img01.png: its split, “sideways”, names no split: train, val or test.',
      'Line 4: img02.png: its split is empty.',
    ]);
  });

  it('a column of a split’s name that holds anything else is another column, and said', async () => {
    const { valDrawn, problems } = await importTable(
      withMore('path,label,test', (index) => (held(index) ? 'PCR' : 'X')),
    );
    expect([valDrawn, problems[0]?.reason]).toEqual([
      true,
      expect.stringMatching(/^The column test holds no names of splits/),
    ]);
  });

  it('a class called train is a class', async () => {
    const names = ['bus', 'train', 'test'];
    const hot = (index: number): string => names.map((_, column) => (column === index % 3 ? '1' : '0')).join(',');
    const text = lines((index) => `${imageName(index)},${hot(index)}`, 'image,bus,train,test');
    expect(await importTable(text)).toMatchObject({ images: 12, classes: ['bus', 'test', 'train'], valDrawn: true });
  });

  it('a column dataset that names none is another column, and said', async () => {
    const { valDrawn, problems } = await importTable(withMore('image_id,dx,dataset', () => 'vidir_modern'));
    expect([valDrawn, problems[0]?.reason]).toEqual([
      true,
      expect.stringMatching(/^The column dataset holds no names of splits/),
    ]);
  });
});
