/**
 * File names that are not UTF-8, and links that point outside of a source, to each other or to the machine's own files.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { shownBytes } from '../../../src/main/engine/data/scan/undecodable';
import type { Review } from '../../../src/main/services/datasets/imports';
import { plantImages, someImage } from '../../support/plant-images';
import { scanned } from '../../support/review-folder';
import { temporary } from '../../support/training';

let source: string;
let home: string;
beforeEach(async () => {
  source = temporary('names');
  home = temporary('home');
  await plantImages(source, { a: 3, b: 3 });
});

const scan = (): ReturnType<typeof scanned> => scanned({ source, home, valSplit: 0.34 });

const files = ({ dataset }: Pick<Review, 'dataset'>): number =>
  Object.values(dataset.record.counts).reduce(
    (sum, counts) => sum + Object.values(counts).reduce((all, n) => all + n, 0),
    0,
  );

const latin1 = (...parts: string[]): Buffer =>
  Buffer.concat([Buffer.from(`${source}/`), Buffer.from(parts.join('/'), 'latin1')]);

describe.skipIf(process.platform !== 'linux')('names that are not UTF-8', () => {
  it('are each named, and the rest is imported', async () => {
    mkdirSync(latin1('caf\xe9'));
    for (const name of ['1.png', 'd\xe9j\xe0.png']) writeFileSync(latin1('caf\xe9', name), await someImage());
    mkdirSync(latin1('\xff-empty'));
    writeFileSync(latin1('a', 'na\xefve.png'), await someImage());
    const found = await scan();
    expect(found.dataset.classes).toEqual(['a', 'b']);
    expect(files(found)).toBe(6);
    expect(found.problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['unreadable', '\\xff-empty'],
      ['unreadable', 'a/na\\xefve.png'],
      ['unreadable', 'caf\\xe9/1.png'],
      ['unreadable', 'caf\\xe9/d\\xe9j\\xe0.png'],
    ]);
    expect(found.problems[2]?.reason).toContain('It is in caf\\xe9, whose name is not UTF-8');
  });

  it('are distinguished from names that hold the sign for what can’t be read', async () => {
    await plantImages(source, { 'odd \ufffd': 3 });
    mkdirSync(latin1('odd \xe9'));
    const { dataset, problems } = await scan();
    expect(dataset.classes).toEqual(['a', 'b', 'odd \ufffd']);
    expect(problems.map(({ path }) => path)).toEqual(['odd \\xe9']);
  });

  it('are shown with their bytes', () => {
    expect(shownBytes(Buffer.from([0x63, 0xe9, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0x80]))).toBe('c\\xe9é😀\\x80');
  });
});

describe.skipIf(process.platform === 'win32')('links', () => {
  it('to files and folders of images elsewhere are followed', async () => {
    const elsewhere = temporary('elsewhere');
    await plantImages(elsewhere, { c: 3, single: 1 });
    symlinkSync(join(elsewhere, 'c'), join(source, 'c'));
    symlinkSync(join(elsewhere, 'single/0.png'), join(source, 'a/linked.png'));
    const found = await scan();
    expect([found.dataset.classes, files(found), found.problems]).toEqual([['a', 'b', 'c'], 10, []]);
  });

  it.each(['/', '/proc', '/dev', '/sys'])('to %s are named and not followed', async (target) => {
    symlinkSync(target, join(source, 'b/out'));
    const found = await scan();
    expect(files(found)).toBe(6);
    expect(found.problems.map(({ path, reason }) => [path, reason.split(' ').slice(0, 3).join(' ')])).toEqual([
      ['b/out', 'It leads to'],
    ]);
  });

  it('to a folder above the source are named and not followed', async () => {
    symlinkSync('..', join(source, 'a/up'));
    symlinkSync('../..', join(source, 'a/further'));
    const { problems } = await scan();
    expect(problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['link_loop', 'a/further'],
      ['link_loop', 'a/up'],
    ]);
  });

  it('to a folder of other things outside are named and not followed', async () => {
    const elsewhere = temporary('elsewhere');
    mkdirSync(join(elsewhere, 'deep'));
    for (let index = 0; index < 2100; index++) writeFileSync(join(elsewhere, 'deep', `${index}.txt`), '');
    symlinkSync(elsewhere, join(source, 'a/docs'));
    const found = await scan();
    expect(files(found)).toBe(6);
    expect(found.problems.map(({ path, reason }) => [path, reason.slice(reason.lastIndexOf('where'))])).toEqual([
      ['a/docs', 'where 0 of the first 2,000 files are named as images. It was not followed.'],
    ]);
  });

  it('between many folders make no more paths than there are links', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    await plantImages(source, Object.fromEntries(names.map((name) => [name, 1])));
    for (const from of names)
      for (const to of names) if (from !== to) symlinkSync(join('..', to), join(source, from, `to-${to}`));
    const began = performance.now();
    const found = await scan();
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(files(found)).toBeLessThanOrEqual(6 + 12 + 12 * 11 + 12);
    expect(found.problems.filter(({ kind }) => kind === 'link_loop').length).toBeGreaterThan(100);
  });
});
