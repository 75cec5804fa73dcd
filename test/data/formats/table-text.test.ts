/**
 * A table's bytes: encodings, line ends, separators and quotes. Every problem is named by line, and no label is lost
 * from the classes.
 */
import { expect, it } from 'vitest';
import { CLASSES, imageFolder, imageName, importTable, labelled, lines } from '../../support/table-source';

const ALL = { classes: ['bird', 'cat', 'dog'], images: 12 };

it.each([
  ['commas', labelled(), 'labels.csv'],
  ['semicolons', labelled('path;label', ';'), 'labels.csv'],
  ['tabs', labelled('path\tlabel', '\t'), 'labels.tsv'],
  ['tabs in a .csv', labelled('path\tlabel', '\t'), 'labels.csv'],
  ['bars', labelled('path|label', '|'), 'labels.csv'],
  ['blanks, as in the lists of Caffe', labelled('', ' '), 'train.txt'],
  ['a line that tells the separator, after a mark', `\uFEFFsep=;\r\n${labelled('path;label', ';')}`, 'labels.csv'],
  ['CR alone', labelled().replaceAll('\n', '\r'), 'labels.csv'],
  ['CR LF and no end after the last line', labelled().trim().replaceAll('\n', '\r\n'), 'labels.csv'],
  ['blank lines between', labelled().replaceAll('\n', '\n\n'), 'labels.csv'],
  ['blanks around', lines((index) => ` ${imageName(index)} ,\t${CLASSES[index % 3]}  `, ' path , label'), 'labels.csv'],
  ['quotes everywhere', labelled().replaceAll(/[^,\n]+/g, '"$&"'), 'labels.csv'],
  [
    'quotes after blanks',
    lines((index) => `${imageName(index)}, "${CLASSES[index % 3]}"`, 'path, label'),
    'labels.csv',
  ],
])('%s', async (_, text, file) => {
  expect(await importTable(text, { file })).toMatchObject({ ...ALL, problems: [] });
});

it('a separator within labels is none', async () => {
  const small = (header: string): string =>
    lines((index) => `${imageName(index)};${CLASSES[index % 3]}, small`, header);
  for (const header of ['path;label', ''])
    expect((await importTable(small(header))).classes).toEqual(['bird, small', 'cat, small', 'dog, small']);
});

it('blanks in the paths of a list with blanks', async () => {
  const folder = await imageFolder((index) => `my ${imageName(index)}`);
  expect(
    await importTable(
      lines((index) => `my ${imageName(index)} ${index % 3}`, ''),
      { folder },
    ),
  ).toMatchObject({
    classes: ['0', '1', '2'],
    problems: [],
  });
});

const swap = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
const umlauts = lines((index) => `${imageName(index)},${['Bär', 'Bör', 'Bür'][index % 3]}`);

it.each([
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${umlauts}`), false],
  ['UTF-16LE with a mark', Buffer.from(`\uFEFF${umlauts}`, 'utf16le'), false],
  ['UTF-16BE with a mark', swap(Buffer.from(`\uFEFF${umlauts}`, 'utf16le')), false],
  ['UTF-16LE by its signs', Buffer.from(umlauts, 'utf16le'), true],
  ['UTF-16BE by its signs', swap(Buffer.from(umlauts, 'utf16le')), true],
])('%s', async (_, bytes, guessed) => {
  const { classes, problems } = await importTable(bytes);
  expect(classes).toEqual(['Bär', 'Bör', 'Bür']);
  expect(problems.map(({ kind, path }) => [kind, path])).toEqual(
    guessed ? [['table_note', 'labels.csv: encoding']] : [],
  );
});

it('ISO-2022-JP by its escape sequences, which are ASCII', async () => {
  // Python: 'いぬ'.encode('iso-2022-jp') and so on.
  const labels = ['1b24422424244c1b2842', '1b2442244d24331b2842', '1b24422448246a1b2842'];
  const rows = lines(
    (index) => `${imageName(index)},${Buffer.from(labels[index % 3] as string, 'hex').toString('latin1')}`,
  );
  const { classes, problems } = await importTable(Buffer.from(rows, 'latin1'));
  expect(classes).toEqual(['いぬ', 'とり', 'ねこ']);
  expect(problems.map(({ path }) => path)).toEqual(['labels.csv: encoding']);
});

/** Bytes of a code page, by Python's encoder: 'Bär'.encode('cp1252') and so on. */
const PAGES: [name: string, given: string, labels: string[], bytes: string[]][] = [
  ['windows-1252', 'cp1252', ['Bär', 'Bör', 'Bür'], ['42e472', '42f672', '42fc72']],
  ['windows-1251', 'cp1251', ['кошка', 'птица', 'собака'], ['eaeef8eae0', 'eff2e8f6e0', 'f1eee1e0eae0']],
  ['windows-1253', 'cp1253', ['γάτα', 'πουλί', 'σκύλος'], ['e3dcf4e1', 'f0eff5ebdf', 'f3eafdebeff2']],
  ['shift_jis', 'cp932', ['いぬ', 'とり', 'ねこ'], ['82a282ca', '82c682e8', '82cb82b1']],
  ['euc-jp', 'euc-jp', ['いぬ', 'とり', 'ねこ'], ['a4a4a4cc', 'a4c8a4ea', 'a4cda4b3']],
  ['windows-874', 'cp874', ['นก', 'หมา', 'แมว'], ['b9a1', 'cbc1d2', 'e1c1c7']],
  ['gb18030', 'gbk', ['狗', '猫', '鸟'], ['b9b7', 'c3a8', 'c4f1']],
  ['macintosh', 'mac-roman', ['Bär', 'Bör', 'Bür'], ['428a72', '429a72', '429f72']],
];

it.each(PAGES)('%s is named and refused; given as %s it is read', async (name, encoding, labels, bytes) => {
  const rows = Array.from({ length: 12 }, (_, index) =>
    Buffer.concat([
      Buffer.from(`${imageName(index)},`),
      Buffer.from(bytes[index % 3] as string, 'hex'),
      Buffer.from('\n'),
    ]),
  );
  const table = Buffer.concat([Buffer.from('path,label\n'), ...rows]);
  await expect(importTable(table)).rejects.toMatchObject({
    code: 'bad_dataset',
    why: expect.stringMatching(
      new RegExp(`^Line [23] is not UTF-8\\. Most likely the table is ${name}: .*(${labels.join('|')})`),
    ) as string,
    next: expect.stringContaining(`--encoding ${name}`) as string,
  });
  expect((await importTable(table, { encoding })).classes.toSorted()).toEqual(labels.toSorted());
});

it.each([
  [
    'bytes that no encoding makes words of',
    Buffer.from('path,label\nimg00.png,B\x84r\n', 'latin1'),
    'Line 2 is not UTF-8',
  ],
  [
    'half a letter of UTF-16',
    Buffer.concat([Buffer.from('\uFEFFpath,label\n', 'utf16le'), Buffer.from([0x00, 0xd8, 0x41, 0x00])]),
    'utf-16le',
  ],
  ['a spreadsheet', Buffer.from('PK\x03\x04 and so on'), 'ZIP archive'],
  ['nothing', Buffer.alloc(0), 'no rows'],
  ['a header alone', Buffer.from('path,label\n'), 'no rows'],
  ['JSON', Buffer.from('[{"image": "img00.png", "label": "cat"}]\n'), 'It is JSON'],
  ['JSON a line', Buffer.from('{"image": "img00.png", "label": "cat"}\n'), 'It is JSON'],
  ['a web page', Buffer.from('<!DOCTYPE html>\n<html></html>\n'), 'It is a web page'],
  ['XML', Buffer.from('<?xml version="1.0"?>\n<a/>\n'), 'It is XML'],
  [
    'a pointer of Git LFS',
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n'),
    'Git LFS',
  ],
  ['quotes that no separator fits', Buffer.from('say "one" "two, "three" x\n'.repeat(3)), 'Its first line'],
  ['one column', Buffer.from('img00.png\nimg01.png\n'), 'No separator'],
])('%s: refused with the reason', async (_, bytes, why) => {
  await expect(importTable(bytes)).rejects.toMatchObject({
    code: 'bad_dataset',
    why: expect.stringContaining(why) as string,
  });
});

it('an encoding that there is not is a wrong use', async () => {
  await expect(importTable(labelled(), { encoding: 'klingon' })).rejects.toMatchObject({ code: 'usage' });
});

const reasons = async (text: string): Promise<[string[], number]> => {
  const { problems, images } = await importTable(text);
  return [problems.map(({ kind, reason }) => `${kind} ${reason}`).toSorted(), images];
};
const withLabel = (at: number, label: string): string =>
  lines((index) => `${imageName(index)},${index === at ? label : CLASSES[index % 3]}`);

it.each([
  [
    'a quote that nothing closes',
    withLabel(3, '"cat'),
    11,
    [/^bad_row Line 5: a quote is opened and never closed: "cat$/],
  ],
  [
    'two of them',
    lines((i) => `${imageName(i)},${i % 5 === 3 ? '"' : ''}${CLASSES[i % 3]}`),
    10,
    [/Line 10: a quote/, /Line 5: a quote/],
  ],
  [
    'one closed rows later',
    withLabel(3, '"cat').replace('09.png,cat', '09.png,cat"'),
    10,
    [/Line 11: a quote is in the middle/, /Line 5: a quote is/],
  ],
  ['text after a closing quote', withLabel(5, '"cat"x'), 11, [/^bad_row Line 7: a quote is in the middle/]],
  ['a label with a line break', withLabel(3, '"cat\nx"'), 11, [/^bad_row Line 5: its field label continues to line 6/]],
  [
    'a comma without quotes',
    withLabel(4, 'dog, small'),
    11,
    [/^bad_row Line 6: it has 3 fields where the header has 2\.$/],
  ],
  ['no label', withLabel(4, ''), 11, [/^bad_row Line 6: img04\.png: it has no label\.$/]],
  ['no path', labelled().replace('img04.png', ''), 11, [/^bad_row Line 6: it has no path\.$/]],
  [
    'one field',
    labelled().replace('img04.png,', ''),
    11,
    [/^bad_row Line 6: it has 1 field where the header has 2\.$/],
  ],
  [
    'a zero character in a path',
    labelled().replace('img04', 'img\0'),
    11,
    [/^bad_row Line 6: its path has a zero character/],
  ],
])('%s costs its own line, which is named', async (_, text, images, expected) => {
  const [found, count] = await reasons(text);
  expect(count).toBe(images);
  expect(found).toEqual(expected.map((reason) => expect.stringMatching(reason) as string));
});

it('line breaks within quotes of a column that is not used are no mistake', async () => {
  const text = lines((index) => `${imageName(index)},${CLASSES[index % 3]},"see above,\nor below"`, 'path,label,notes');
  const { images, problems } = await importTable(text);
  expect([images, problems.map(({ kind }) => kind)]).toEqual([12, ['unused_column']]);
});

it('lines longer than any row are named, and memory does not follow them', async () => {
  const text = lines(
    (index) => `${imageName(index)},${CLASSES[index % 3]},${'x'.repeat(index === 3 ? 2 ** 24 : 9)}`,
    'path,label,x',
  );
  const { images, problems } = await importTable(text);
  expect(images).toBe(11);
  expect(problems[0]).toMatchObject({
    kind: 'bad_row',
    reason: expect.stringMatching(/^Line 5: it is longer/) as string,
  });
});

it('lines are counted over more than one block, quotes or not', async () => {
  const filler = Array.from(
    { length: 60_000 },
    (_, index) => `gone/${index}.png,${index % 2 ? 'cat' : '"cat"'},${'y'.repeat(20)}`,
  );
  const text = ['path,label,x', ...filler, 'img00.png,"open,1', 'img01.png,dog,1', 'img02.png,dog,1'].join('\r\n');
  const { problems, images } = await importTable(text);
  expect(images).toBe(2);
  expect(problems.find(({ kind }) => kind === 'bad_row')?.reason).toMatch(/^Line 60002: a quote is opened/);
  expect(problems.filter(({ kind }) => kind === 'unreadable')).toHaveLength(60_000);
}, 60_000);
