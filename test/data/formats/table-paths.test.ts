/**
 * Paths that other machines have written into a table. A path is found where exactly one file fits, and this is
 * reported; otherwise the reason names the line.
 */
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { CLASSES, imageFolder, imageName, importTable, lines, type TableRead } from '../../support/table-source';

const row =
  (pathOf: (index: number) => string) =>
  (index: number): string =>
    `${pathOf(index)},${CLASSES[index % 3]}`;
const said = ({ problems }: TableRead): string[] =>
  problems.filter(({ kind }) => kind === 'other_spelling').map(({ path }) => path.replace('labels.csv: ', ''));
const two = (index: number): string => String(index).padStart(2, '0');

it.each<[string, string[], (index: number) => string, (index: number) => string]>([
  ['as it is', [], imageName, imageName],
  ['./', [], (index) => `./${imageName(index)}`, imageName],
  ['backslashes', ['backslash'], (index) => `data\\a\\${imageName(index)}`, (index) => `data/a/${imageName(index)}`],
  ['another case', ['case'], (index) => `Data/IMG${two(index)}.PNG`, (index) => `data/${imageName(index)}`],
  [
    'composed for decomposed',
    ['unicode_form'],
    (index) => `\u00e9${two(index)}.png`,
    (index) => `e\u0301${two(index)}.png`,
  ],
  [
    'decomposed for composed',
    ['unicode_form'],
    (index) => `e\u0301/${imageName(index)}`,
    (index) => `\u00e9/${imageName(index)}`,
  ],
  ['ids', ['no_ending'], (index) => `img${two(index)}`, imageName],
  ['ids with dots', ['no_ending'], (index) => `img.${two(index)}`, (index) => `img.${two(index)}.JPEG`],
  ['ids of files in folders below', ['no_ending', 'tail'], two, (index) => `part_${index % 2}/${two(index)}.png`],
  ['another ending of the format', ['other_ending'], (index) => `${two(index)}.jpg`, (index) => `${two(index)}.jpeg`],
  ['converted files', ['other_ending'], (index) => `${two(index)}.jpg`, (index) => `${two(index)}.png`],
  ['another machine', ['tail'], (index) => `/home/bob/pics/a/${imageName(index)}`, (index) => `a/${imageName(index)}`],
  ['from the data set’s top', ['tail'], (index) => `/a/${imageName(index)}`, (index) => `a/${imageName(index)}`],
  [
    'from a folder above',
    ['tail'],
    (index) => `pics/train/${imageName(index)}`,
    (index) => `train/${imageName(index)}`,
  ],
  ['from a folder below', ['tail'], (index) => `a/${imageName(index)}`, (index) => `images/a/${imageName(index)}`],
  ['another machine’s address', ['file_url', 'tail'], (index) => `file:///my%20pics/${imageName(index)}`, imageName],
  ['an address with a machine', ['file_url', 'tail'], (index) => `file://nas/my%20pics/${imageName(index)}`, imageName],
  [
    'a Windows share',
    ['backslash', 'tail'],
    (index) => `\\\\nas\\pics\\a\\${imageName(index)}`,
    (index) => `a/${imageName(index)}`,
  ],
  ['a home folder', ['tail'], (index) => `~/pics/a/${imageName(index)}`, (index) => `a/${imageName(index)}`],
  [
    'Windows',
    ['backslash', 'case', 'tail'],
    (index) => `C:\\Users\\bob\\A\\IMG${two(index)}.PNG`,
    (index) => `a/${imageName(index)}`,
  ],
])('%s', async (_, spellings, given, nameOf) => {
  const read = await importTable(lines(row(given)), { folder: await imageFolder(nameOf) });
  expect(read.images).toBe(12);
  expect(said(read)).toEqual(spellings);
  if (spellings[0]) {
    const [note] = read.problems;
    expect(note?.reason).toMatch(/^The paths of 12 rows .* In line 2, .+ is .+\.$/);
    expect(note?.others).toHaveLength(12);
  }
});

it('absolute paths and addresses of this machine', async () => {
  const folder = await imageFolder();
  expect(said(await importTable(lines(row((index) => join(folder, imageName(index)))), { folder }))).toEqual([]);
  const addresses = lines(row((index) => pathToFileURL(join(folder, imageName(index))).href));
  expect(said(await importTable(addresses, { folder }))).toEqual(['file_url']);
});

it('paths that leave the table’s folder are read and said', async () => {
  const folder = await imageFolder();
  const up = `../${basename(folder)}-other`;
  renameSync(await imageFolder(), join(folder, up));
  const read = await importTable(lines(row((index) => (index < 4 ? join(up, imageName(index)) : imageName(index)))), {
    folder,
  });
  rmSync(join(folder, up), { recursive: true });
  expect(read.images).toBe(12);
  expect(read.problems).toMatchObject([
    { kind: 'outside_folder', reason: expect.stringMatching(/^The paths of 4 rows lead out/) as string },
  ]);
});

it('a missing file is not replaced by one of the same name elsewhere', async () => {
  const folder = await imageFolder((index) => `${CLASSES[index % 3]}/${index}.png`);
  const missing = await importTable(lines(row((index) => `${CLASSES[index % 3]}/${index === 5 ? 4 : index}.png`)), {
    folder,
  });
  expect(missing.problems).toMatchObject([
    { kind: 'unreadable', path: 'bird/4.png', reason: 'Line 7: the file is not there.' },
  ]);
  const foreign = await importTable(
    lines(row((index) => `/old/${CLASSES[index % 3]}/${index === 5 ? 4 : index}.png`)),
    {
      folder,
    },
  );
  expect([foreign.images, foreign.problems.at(-1)]).toMatchObject([11, { path: '/old/bird/4.png' }]);
  const some = await importTable(lines(row((index) => (index < 3 ? `${two(index)}.jpg` : `${two(index)}.png`))), {
    folder: await imageFolder((index) => `${two(index)}.png`),
  });
  expect(some.problems[0]).toMatchObject({ path: '00.jpg', reason: 'Line 2: the file is not there; 00.png is.' });
});

it('where several files fit, none is taken', async () => {
  const folder = await imageFolder((index) => `IMG${two(index)}.png`);
  copyFileSync(join(folder, 'IMG00.png'), join(folder, 'Img00.png'));
  const { images, problems } = await importTable(lines(row(imageName)), { folder });
  expect(images).toBe(11);
  expect(problems.find(({ kind }) => kind === 'unreadable')?.reason).toMatch(
    /^Line 2: .*several fit: IMG00\.png, Img00\.png\.$/,
  );
  const twice = await imageFolder((index) => `a/${imageName(index)}`);
  copyFileSync(join(twice, 'a/img00.png'), join(twice, 'img-other.png'));
  expect((await importTable(lines(row((index) => `/x/${imageName(index)}`)), { folder: twice })).images).toBe(12);
});

it.each(['http://x.y/', 'https://x.y/', 's3://bucket/', 'gs://bucket/', 'HTTPS://x.y/'])(
  '%s is refused by name',
  async (start) => {
    const scheme = start.split(':')[0]?.toLowerCase() ?? '';
    const address = row((index) => `${start}${imageName(index)}`);
    const some = await importTable(lines((index) => (index < 2 ? address(index) : row(imageName)(index))));
    expect(some.problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['bad_row', 'line 2'],
      ['bad_row', 'line 3'],
    ]);
    await expect(importTable(lines(address))).rejects.toMatchObject({
      why: expect.stringMatching(
        new RegExp(`12 bad_row\\. The first reasons: Line 2: its path is a URL \\(${scheme}\\).*Line 4`),
      ) as string,
      next: expect.not.stringContaining('folder') as string,
    });
  },
);

it('rows that name one missing file, or one file again and again, are all named', async () => {
  const gone = await importTable(lines(row((index) => (index < 3 ? 'gone.png' : imageName(index)))));
  expect(gone.problems.map(({ path, reason }) => [path, reason])).toEqual([
    ['gone.png', 'Line 2: the file is not there.'],
    ['line 3', 'Line 3: the file is not there.'],
    ['line 4', 'Line 4: the file is not there.'],
  ]);
  const again = await importTable(lines(row((index) => imageName(index < 7 ? 0 : index))));
  expect(again.problems.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    ...['bad_row line 4', 'bad_row line 6', 'bad_row line 7'],
    ...['ignored img00.png', 'ignored line 8', 'label_conflict img00.png'],
  ]);
});

it.each([
  ['encoded as in a URL', 'my img%2001.png', 'my img 01.png'],
  ['a number without its zeros', '1', '0001.png'],
  ['a number with a fraction', '1.0', '0001.png'],
])('%s: the file that may be meant is named', async (_, given, name) => {
  const folder = await imageFolder((index) => (index === 1 ? name : imageName(index)));
  const text = lines((index) => `${index === 1 ? given : imageName(index)},${CLASSES[index % 3]}`);
  const { images, problems } = await importTable(text, { folder });
  expect([images, problems.map(({ reason }) => reason)]).toEqual([11, [`Line 3: the file is not there; ${name} is.`]]);
});
