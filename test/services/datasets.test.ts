/** Datasets as the window lists, shows, moves and removes them. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handlers } from '../../src/main/services/calls/datasets';
import { sampleFolder } from '../../src/main/services/datasets/sample-dataset';
import { Thumbnails } from '../../src/main/services/pictures/thumbnails';
import { setRoot, type Dataset } from '../../src/main/store/datasets';
import { caller, contextOf } from '../support/calls';
import { flawedTree } from '../support/flawed-tree';
import { importFolder, newRun, temporary } from '../support/training';

const folder = temporary('datasets');
const home = join(folder, 'home');
const context = contextOf(home, [folder]);
const call = caller(context, handlers);
let dataset: Dataset;

beforeAll(async () => {
  dataset = await importFolder(home, await flawedTree(join(folder, 'photos')));
});
afterAll(() => {
  context.jobs.close();
  context.store.close();
});

describe('a dataset', () => {
  it('tells what it holds, what was wrong with it, and what runs used it, newest first', async () => {
    const runs = [1, 2].map(() => newRun(home, dataset, { epochs: 20 })).map(({ id }) => id);
    const info = await call('datasets.get', { dataset: dataset.id });
    expect(info).toMatchObject({
      ...{
        id: dataset.id,
        name: 'photos',
        present: true,
        runs: 2,
        val_drawn: false,
        classes: ['blue', 'green', 'red'],
      },
      ...{ counts: { train: { blue: 5, green: 6, red: 6 } }, problems: { leak: 2 }, excluded: {} },
    });
    expect(await call('datasets.list', {})).toEqual([info]);
    const used = await call('datasets.runs', { dataset: dataset.id });
    expect([...used].sort()).toEqual([...runs].sort());
    const problems = await call('datasets.problems', { dataset: dataset.id });
    expect(problems).toContainEqual({
      ...{ path: 'train/green/leak.png', kind: 'leak', excluded: false, others: ['val/green/2.png'] },
      reason: expect.stringContaining('val split') as string,
    });
    expect(problems.filter(({ excluded }) => excluded).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['truncated', 'link_loop', 'ignored', 'broken_link']),
    );
  });

  it('is paged by class and searched by part of a path, where % and _ are letters like others', async () => {
    const page = { dataset: dataset.id, split: 'train', limit: 4 };
    const all = await call('datasets.images', { ...page, offset: 0 });
    expect(all.total).toBe(17);
    const rest = await call('datasets.images', { ...page, offset: 16 });
    expect(rest).toEqual({
      total: 17,
      images: [expect.objectContaining({ path: 'train/red/copy.png', label: 2, width: 40 })],
    });
    const red = await call('datasets.images', { ...page, label: 2, offset: 4, limit: 9 });
    expect([red.total, red.images.map(({ path }) => path)]).toEqual([
      6,
      ['train/red/copy-2.png', 'train/red/copy.png'],
    ]);
    const found = await call('datasets.images', { ...page, search: 'COPY', offset: 1 });
    expect([found.total, found.images.map(({ path }) => path)]).toEqual([2, ['train/red/copy.png']]);
    for (const search of ['%', '_', '\\', "'"])
      expect(await call('datasets.images', { ...page, search, offset: 0 })).toEqual({ total: 0, images: [] });
    expect(await call('datasets.images', { ...page, split: 'nothing', offset: 0 })).toEqual({ total: 0, images: [] });
  });

  it('is renamed, but not to a name that is taken', async () => {
    const other = await importFolder(home, join(folder, 'photos'));
    await call('datasets.rename', { dataset: other.id, name: ' second ' });
    expect((await call('datasets.get', { dataset: 'second' })).id).toBe(other.id);
    await call('datasets.rename', { dataset: other.id, name: 'second' });
    await expect(call('datasets.rename', { dataset: other.id, name: 'photos' })).rejects.toMatchObject({
      code: 'usage',
    });
    await call('datasets.remove', { dataset: other.id });
    await expect(call('datasets.get', { dataset: other.id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(call('datasets.remove', { dataset: dataset.id })).rejects.toMatchObject({ code: 'bad_state' });
    expect(existsSync(join(folder, 'photos/train/red/0.png'))).toBe(true);
  });

  it('that has moved says so and is located, in a picked folder that holds the same files only', async () => {
    renameSync(join(folder, 'photos'), join(folder, 'moved'));
    expect((await call('datasets.get', { dataset: dataset.id })).present).toBe(false);
    const locate = (to: string): Promise<unknown> => call('datasets.locate', { dataset: dataset.id, folder: to });
    const elsewhere = temporary('elsewhere');
    cpSync(join(folder, 'moved'), elsewhere, { recursive: true });
    await expect(locate(elsewhere)).rejects.toMatchObject({ code: 'usage' });
    await expect(locate(join(folder, 'moved/train'))).rejects.toMatchObject({ code: 'dataset_changed' });
    await expect(locate(join(folder, 'photos'))).rejects.toMatchObject({ code: 'dataset_missing' });
    await locate(join(folder, 'moved'));
    expect(await call('datasets.get', { dataset: dataset.id })).toMatchObject({
      present: true,
      root: join(folder, 'moved'),
    });
  });
});

describe('pictures', () => {
  const cache = join(home, 'cache', 'thumbnails');
  const cached = (): string[] =>
    existsSync(cache)
      ? readdirSync(cache, { recursive: true, withFileTypes: true }).flatMap((entry) =>
          entry.isFile() ? entry.name : [],
        )
      : [];
  const sizeOf = async (picture: string | null | undefined): Promise<number[]> => {
    const { width, height } = await sharp(Buffer.from(picture?.split(',')[1] ?? '', 'base64')).metadata();
    return [width, height];
  };

  it('are kept, and made anew when the file changes', async () => {
    const root = join(folder, 'moved');
    const make = (width: number): Promise<Buffer> =>
      sharp({ create: { width, height: 300, channels: 3, background: 'navy' } })
        .jpeg()
        .toBuffer();
    const file = join(root, 'train/red/big.jpg');
    writeFileSync(file, await make(600));
    const ask = async (): Promise<string | null | undefined> =>
      (await call('datasets.thumbnails', { dataset: dataset.id, paths: ['train/red/big.jpg'], size: 64 }))[0];
    const first = await ask();
    expect(await sizeOf(first)).toEqual([64, 32]);
    const before = cached();
    expect([await ask(), cached()]).toEqual([first, before]);
    writeFileSync(file, await make(300));
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect(await sizeOf(await ask())).toEqual([64, 64]);
    expect(cached()).toHaveLength(before.length + 1);
  });

  it('of small images keep every pixel', async () => {
    const [picture] = await call('datasets.thumbnails', { dataset: dataset.id, paths: ['train/red/0.png'], size: 128 });
    const shown = await sharp(Buffer.from(picture?.split(',')[1] ?? '', 'base64'))
      .raw()
      .toBuffer();
    expect(shown.equals(await sharp(join(folder, 'moved/train/red/0.png')).raw().toBuffer())).toBe(true);
  });

  it('are of files below the root only', async () => {
    const outside = temporary('outside');
    cpSync(join(folder, 'moved/train/red/0.png'), join(outside, 'secret.png'));
    symlinkSync(join(outside, 'secret.png'), join(folder, 'moved/train/red/link.png'));
    const paths = [join('../..', outside, 'secret.png'), 'train/red/link.png', 'train/red/0.png'];
    const pictures = await call('datasets.thumbnails', { dataset: dataset.id, paths });
    expect(pictures.map((picture) => picture !== null)).toEqual([false, false, true]);
  });

  it('take no more than their share of the disk: the oldest go first', async () => {
    const files = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const file = join(folder, `noise-${index}.png`);
        const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
        const pixels = sharp({ create: { width: 200, height: 200, channels: 3, background: 'grey', noise } });
        writeFileSync(file, await pixels.png().toBuffer());
        return file;
      }),
    );
    const place = join(folder, 'bounded');
    mkdirSync(place);
    const own = new Thumbnails(place, 60_000);
    for (const file of files) await own.of(file, 128);
    const bytes = (): number =>
      readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    expect(bytes()).toBeGreaterThan(60_000);
    await own.clear();
    expect(bytes()).toBeLessThanOrEqual(48_000);
    expect(bytes()).toBeGreaterThan(30_000);
  });
});

describe('the bundled sample', () => {
  it('is imported once, however often it is asked for, and found again when the program has moved', async () => {
    const [first, second] = await Promise.all([call('datasets.sample', {}), call('datasets.sample', {})]);
    expect(second).toEqual(first);
    expect(await call('datasets.sample', {})).toEqual(first);
    const info = await call('datasets.get', first);
    expect(info).toMatchObject({ name: 'sign-digits', root: sampleFolder(), present: true, val_drawn: false });
    expect(info.counts['train']?.['eight']).toBe(100);
    setRoot(context.store, first.dataset, '/opt/former/resources/sample/sign-digits');
    expect(await call('datasets.sample', {})).toEqual(first);
    expect((await call('datasets.get', first)).root).toBe(sampleFolder());
    expect((await call('datasets.list', {})).filter(({ name }) => name.startsWith('sign-digits'))).toHaveLength(1);
  });
});
