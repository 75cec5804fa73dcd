/** Labels of a table: findings about those that look like a missing value, or like several labels of one image. */
import { expect, it } from 'vitest';
import { imageName, importTable, lines } from '../../support/table-source';

async function said(labels: readonly string[], header = 'path,label'): Promise<string[]> {
  const quoted = (index: number): string => `"${labels[index % labels.length] ?? ''}"`;
  const { problems, images } = await importTable(lines((index) => `${imageName(index)},${quoted(index)}`, header));
  expect(images).toBe(12);
  return problems.map(({ kind, reason }) => `${kind}: ${reason}`);
}

it.each([
  ['a bar between', ['cat|dog', 'cat', 'dog'], /A label looks like several, as cat\|dog in line 2/],
  ['semicolons, of which no label is alone', ['cat;dog', 'cat;bird', 'bird;dog'], /3 labels look like several/],
  ['commas', ['cat', 'dog', 'cat, dog'], /A label looks like several, as cat, dog in line 4/],
  ['blanks', ['scab', 'rust', 'scab rust'], /A label looks like several, as scab rust/],
  ['a list of Python', ["['cat']", "['dog']", "['cat', 'dog']"], /3 labels look like several/],
])('several labels with %s', async (_, labels, reason) => {
  expect(await said(labels)).toEqual([expect.stringMatching(reason)]);
});

it('tags with blanks, of which some come again', async () => {
  expect(await said(['haze primary', 'clear primary', 'clear water'], 'image,tags')).toEqual([
    expect.stringContaining('3 labels look like several'),
  ]);
});

it('names of several words are names', async () => {
  expect(await said(['Canis lupus', 'Canis latrans', 'Vulpes vulpes'])).toEqual([]);
  expect(await said(['dog, small', 'cat, small', 'a/c'])).toEqual([]);
  expect(await said(['none', 'mild', '-'])).toEqual([]);
});

it('letters that were lost before the table was saved are said', async () => {
  expect(await said(['B\ufffdr', 'cat', 'B\ufffd\ufffdr'])).toEqual([
    expect.stringMatching(/2 labels hold the sign for a letter that could not be read.*as B\ufffdr in line 2/),
  ]);
});

it.each(['nan', 'NaN', 'NULL', 'N/A', '<NA>'])('%s is read as a class, which is said', async (missing) => {
  expect(await said(['cat', missing, 'dog'])).toEqual([
    `table_note: The label ${missing}, first in line 3, is what programs write where a value is missing. It is read as a class, of 4 rows.`,
  ]);
});
