/** Scan, review and commit as the window does them, on trees with every kind of problem. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { scanArgs, type Review } from '../../src/shared/contract/reviews';
import { databasePath } from '../../src/main/base/home';
import { handlers } from '../../src/main/services/calls/reviews';
import { job as scan } from '../../src/main/services/jobs/scan';
import type { CallContext } from '../../src/main/services/core/context';
import { listDatasets } from '../../src/main/store/datasets';
import { problemsOf, samplesOf } from '../../src/main/store/samples';
import { caller, contextOf, jobCall } from '../support/calls';
import { flawedTree } from '../support/flawed-tree';
import { reviewFolder } from '../support/review-folder';
import { temporary } from '../support/training';
import { withStore } from '../support/with-store';

let home: string;
let source: string;
let context: CallContext;
let call: ReturnType<typeof caller>;
const contexts: CallContext[] = [];

beforeEach(() => {
  const folder = temporary('reviews');
  home = join(folder, 'home');
  source = join(folder, 'photos');
  context = contextOf(home);
  contexts.push(context);
  call = caller(context, handlers);
});
afterAll(() => {
  for (const { jobs, store } of contexts) {
    jobs.close();
    store.close();
  }
});

async function scanned(from = source): Promise<string> {
  const { review } = await scan.run(scanArgs.parse({ source: from }), jobCall(home));
  return review;
}

const reviewFiles = (): string[] => (existsSync(join(home, 'reviews')) ? readdirSync(join(home, 'reviews')) : []);
const scanFiles = (): string[] => (existsSync(join(home, 'tmp')) ? readdirSync(join(home, 'tmp')) : []);

/** Returns what an import has written to a data folder's store, without ids and times. */
const stored = (folder: string): unknown =>
  withStore(folder, (store) =>
    listDatasets(store).map(({ id, name, root, format, classes, record }) => ({
      ...{ name, root, format, classes, record },
      samples: Object.keys(record.counts).flatMap((split) =>
        [...samplesOf(store, id, split)].map((row) => ({ ...row, dataset_id: null })),
      ),
      problems: problemsOf(store, id),
    })),
  );

describe('a review', () => {
  it('says what was found, and every finding has its page, its reason and whether it is left out', async () => {
    await flawedTree(source);
    const review = await scanned();
    const found = await call('reviews.get', { review });
    expect(found).toMatchObject({
      ...{ id: review, source, name: 'photos', classes: ['blue', 'green', 'red'], val_drawn: false, blocked: null },
      counts: { train: { blue: 5, green: 6, red: 6 }, val: { blue: 4, green: 4, red: 4 } },
      ...{ sizes: { smallest: 40, largest: 40 }, formats: { png: 29 }, can_undo: false, can_redo: false },
      findings: {
        ...{
          leak: { count: 2, excluded: 0 },
          label_conflict: { count: 2, excluded: 0 },
          duplicate: { count: 3, excluded: 0 },
        },
        ...{
          truncated: { count: 1, excluded: 1 },
          link_loop: { count: 1, excluded: 1 },
          ignored: { count: 1, excluded: 1 },
        },
      },
    });
    const leaks = await call('reviews.findings', { review, kind: 'leak', offset: 0, limit: 10 });
    expect(leaks.total).toBe(2);
    expect(leaks.findings[1]).toMatchObject({
      ...{ path: 'train/green/leak.png', others: ['val/green/2.png'], usable: true, excluded: false },
    });
    const loop = await call('reviews.findings', { review, kind: 'link_loop', offset: 0, limit: 10 });
    expect(loop.findings[0]).toMatchObject({ path: 'train/red/loop', usable: false, excluded: true });
    const second = await call('reviews.findings', { review, kind: 'duplicate', offset: 1, limit: 1 });
    expect([second.total, second.findings.length]).toEqual([3, 1]);
    const images = await call('reviews.images', { review, split: 'train', label: 'blue', offset: 3, limit: 10 });
    expect(images).toEqual({
      total: 5,
      images: ['train/blue/3.png', 'train/blue/other.png'].map((path) => ({
        path,
        label: 'blue',
        width: 40,
        height: 40,
      })),
    });
  });

  it('changes by kind and by path, and takes back one change after the other', async () => {
    await flawedTree(source);
    const review = await scanned();
    const start = await call('reviews.get', { review });
    const exclude = (
      what: { kinds: ('leak' | 'duplicate' | 'label_conflict')[] } | { paths: string[] },
      excluded = true,
    ): Promise<Review> => call('reviews.exclude', { review, what, excluded });
    const leaks = await exclude({ kinds: ['leak'] });
    expect(leaks.counts['train']).toEqual({ blue: 5, green: 4, red: 6 });
    expect(leaks.findings).toMatchObject({ leak: { excluded: 2 }, duplicate: { excluded: 1 } });
    const copies = await exclude({ kinds: ['duplicate'] });
    expect(copies.counts['train']).toEqual({ blue: 5, green: 4, red: 4 });
    // The second leak is also a copy of the first. An image that one rule restores may still be excluded by another.
    expect((await exclude({ kinds: ['leak'] }, false)).counts['train']).toEqual({ blue: 5, green: 5, red: 4 });
    const single = await exclude({ paths: ['train/red/1.png', 'val/red/3.png'] });
    expect(single.counts).toEqual({ train: { blue: 5, green: 5, red: 3 }, val: { blue: 4, green: 4, red: 3 } });
    expect(single.findings['label_conflict']).toEqual({ count: 2, excluded: 1 });
    const back = await exclude({ paths: ['train/red/copy.png'] }, false);
    expect(back.counts['train']).toEqual({ blue: 5, green: 5, red: 4 });
    const undone: Review[] = [];
    for (let left = 0; left < 5; left++) undone.push(await call('reviews.undo', { review }));
    expect(undone.map(({ counts }) => counts)).toEqual([
      single.counts,
      { ...copies.counts, train: { blue: 5, green: 5, red: 4 } },
      copies.counts,
      leaks.counts,
      start.counts,
    ]);
    expect(undone.at(-1)).toEqual({ ...start, can_redo: true });
    expect(await call('reviews.undo', { review })).toEqual({ ...start, can_redo: true });
  });

  it('says what the rules would still leave out, and does it as one change', async () => {
    await flawedTree(source);
    const review = await scanned();
    const start = await call('reviews.get', { review });
    const images = ({ counts }: Review): number =>
      Object.values(counts).reduce(
        (sum, labels) => sum + Object.values(labels).reduce((all, count) => all + count, 0),
        0,
      );
    const safe = await call('reviews.exclude', { review, what: { kinds: ['leak', 'label_conflict'] }, excluded: true });
    expect(start.to_leave.red).toBeGreaterThan(0);
    expect(images(start) - images(safe)).toBe(start.to_leave.red);
    expect(safe.to_leave).toEqual({ red: 0, recommended: start.to_leave.recommended - start.to_leave.red });
    expect(await call('reviews.undo', { review })).toEqual({ ...start, can_redo: true });
    const kinds = ['leak', 'label_conflict', 'duplicate'] as const;
    const recommended = await call('reviews.exclude', { review, what: { kinds: [...kinds] }, excluded: true });
    expect(images(start) - images(recommended)).toBe(start.to_leave.recommended);
    expect(recommended.to_leave).toEqual({ red: 0, recommended: 0 });
  });

  it('what is imported although it falsifies the result is in the record', async () => {
    await flawedTree(source);
    const recordOf = async (kinds: ('leak' | 'label_conflict')[]): Promise<unknown> => {
      const review = await scanned();
      if (kinds.length) await call('reviews.exclude', { review, what: { kinds }, excluded: true });
      const { dataset } = await call('reviews.commit', { review, name: 'photos' });
      return listDatasets(context.store).find(({ id }) => id === dataset)?.record.kept;
    };
    expect(await recordOf([])).toEqual({ leak: 2, label_conflict: 2 });
    expect(await recordOf(['leak'])).toEqual({ label_conflict: 2 });
    expect(await recordOf(['leak', 'label_conflict'])).toEqual({});
  });

  it('what was undone is made again in its order, until something else is changed', async () => {
    await flawedTree(source);
    const review = await scanned();
    const start = await call('reviews.get', { review });
    const leaks = await call('reviews.exclude', { review, what: { kinds: ['leak'] }, excluded: true });
    const copies = await call('reviews.exclude', { review, what: { kinds: ['duplicate'] }, excluded: true });
    const single = await call('reviews.exclude', {
      review,
      what: { paths: ['train/green/leak.png'] },
      excluded: false,
    });
    for (let left = 0; left < 3; left++) await call('reviews.undo', { review });
    expect(await call('reviews.redo', { review })).toEqual({ ...leaks, can_redo: true });
    expect(await call('reviews.redo', { review })).toEqual({ ...copies, can_redo: true });
    // A change without effect doesn't clear the redo history.
    await call('reviews.exclude', { review, what: { kinds: ['duplicate'] }, excluded: true });
    expect(await call('reviews.redo', { review })).toEqual(single);
    expect(await call('reviews.redo', { review })).toEqual(single);
    await call('reviews.undo', { review });
    const other = await call('reviews.exclude', { review, what: { paths: ['train/red/1.png'] }, excluded: true });
    expect(other.can_redo).toBe(false);
    expect(await call('reviews.redo', { review })).toEqual(other);
    for (let left = 0; left < 3; left++) await call('reviews.undo', { review });
    expect(await call('reviews.get', { review })).toEqual({ ...start, can_redo: true });
  });

  it('a change that changes nothing leaves nothing to undo', async () => {
    await flawedTree(source);
    const review = await scanned();
    await call('reviews.exclude', { review, what: { kinds: ['leak'] }, excluded: true });
    await call('reviews.exclude', { review, what: { kinds: ['leak'] }, excluded: true });
    await call('reviews.exclude', { review, what: { paths: ['train/green/leak.png'] }, excluded: true });
    await call('reviews.exclude', { review, what: { kinds: ['truncated'] }, excluded: true });
    expect((await call('reviews.undo', { review })).can_undo).toBe(false);
  });

  it('what is not usable is not taken back, and nothing changes where one path of several is wrong', async () => {
    await flawedTree(source);
    const review = await scanned();
    const before = await call('reviews.get', { review });
    const refused = { code: 'usage' };
    const change = (what: { kinds: ['truncated'] } | { paths: string[] }): Promise<unknown> =>
      call('reviews.exclude', { review, what, excluded: false });
    await expect(change({ kinds: ['truncated'] })).rejects.toMatchObject(refused);
    await expect(change({ paths: ['train/red/cut.png'] })).rejects.toMatchObject(refused);
    const paths = ['train/red/1.png', '../../etc/passwd'];
    await expect(call('reviews.exclude', { review, what: { paths }, excluded: true })).rejects.toMatchObject(refused);
    expect(await call('reviews.get', { review })).toEqual(before);
  });

  it('that leaves a split with nothing says why it is blocked and is not committed', async () => {
    await flawedTree(source);
    const review = await scanned();
    const paths = ['blue', 'green', 'red'].flatMap((name) => [0, 1, 2, 3].map((index) => `val/${name}/${index}.png`));
    const emptied = await call('reviews.exclude', { review, what: { paths }, excluded: true });
    expect(emptied.blocked).toMatch(/no usable validation image/);
    await expect(call('reviews.commit', { review, name: 'photos' })).rejects.toMatchObject({ code: 'bad_dataset' });
    await call('reviews.undo', { review });
    await call('reviews.commit', { review, name: 'photos' });
    expect(listDatasets(context.store)).toHaveLength(1);
  });

  it('of a folder whose files are all unusable can be opened; one of an empty folder is refused', async () => {
    mkdirSync(join(source, 'a'), { recursive: true });
    await expect(scanned()).rejects.toMatchObject({ code: 'bad_dataset' });
    expect([reviewFiles(), scanFiles()]).toEqual([[], []]);
    writeFileSync(join(source, 'a/text.jpg'), 'not an image');
    const found = await call('reviews.get', { review: await scanned() });
    expect(found.blocked).toMatch(/no usable training image: 1 not_an_image/);
    expect(found.findings).toEqual({ not_an_image: { count: 1, excluded: 1 } });
  });
});

describe('a commit', () => {
  const imported = async (exclude: { problems: boolean; leaks: boolean }): Promise<unknown> => {
    const own = temporary('home');
    const made = await reviewFolder({ source, home: own, valSplit: 0.2, exclude });
    withStore(own, (store) => made.commit(store));
    return stored(own);
  };

  it.each([
    ['nothing', []],
    ['--exclude-problems', ['duplicate', 'label_conflict']],
    ['--exclude-leaks', ['leak']],
    ['--exclude-problems --exclude-leaks, in another order', ['leak', 'duplicate', 'label_conflict']],
  ] as const)('stores what the command line stores: %s', async (options, kinds) => {
    await flawedTree(source);
    const review = await scanned();
    for (const kind of kinds) await call('reviews.exclude', { review, what: { kinds: [kind] }, excluded: true });
    await call('reviews.commit', { review, name: 'photos' });
    expect(stored(home)).toEqual(
      await imported({ problems: options.includes('problems'), leaks: options.includes('leaks') }),
    );
    expect(reviewFiles()).toEqual([]);
    await expect(call('reviews.get', { review })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('records why each file was left out, a person’s choice too', async () => {
    await flawedTree(source);
    const review = await scanned();
    await call('reviews.exclude', { review, what: { kinds: ['leak'] }, excluded: true });
    const paths = ['train/red/copy.png', 'train/blue/0.png'];
    await call('reviews.exclude', { review, what: { paths }, excluded: true });
    const { dataset } = await call('reviews.commit', { review, name: 'photos' });
    const [made] = listDatasets(context.store);
    expect(made?.record.excluded).toEqual({ leak: 2, duplicate: 1, chosen: 1 });
    const left = problemsOf(context.store, dataset).filter(({ excluded }) => excluded);
    expect(left.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      expect.arrayContaining(['leak train/green/leak.png', 'duplicate train/red/copy.png', 'link_loop train/red/loop']),
    );
    expect(left.map(({ path }) => path)).not.toContain('train/red/copy-2.png');
  });
});

describe('the working file', () => {
  it('survives a restart with its changes, and is cleared when nobody has looked for weeks', async () => {
    await flawedTree(source);
    const review = await scanned();
    const changed = await call('reviews.exclude', { review, what: { kinds: ['leak'] }, excluded: true });
    const again = contextOf(home);
    contexts.push(again);
    expect(await caller(again, handlers)('reviews.get', { review })).toEqual(changed);
    const old = new Date(Date.now() - 15 * 24 * 3600 * 1000);
    utimesSync(join(home, 'reviews', `${review}.db`), old, old);
    const next = await scanned();
    expect(reviewFiles()).toEqual([`${next}.db`]);
    await call('reviews.discard', { review: next });
    expect(reviewFiles()).toEqual([]);
  });

  it.each(['../studio', '..', 'nothing-here', '0123456789ab'])('an id is never a path: %s', async (review) => {
    await expect(call('reviews.get', { review })).rejects.toMatchObject({ code: 'not_found' });
    if (review !== '0123456789ab')
      await expect(call('reviews.discard', { review })).rejects.toMatchObject({ code: 'not_found' });
    expect(existsSync(databasePath(home))).toBe(true);
  });
});

describe('the scan’s process', () => {
  async function until(isSo: () => boolean): Promise<void> {
    for (let waited = 0; !isSo(); waited += 20) {
      if (waited > 20_000) throw new Error('it did not come to that');
      await sleep(20);
    }
  }

  it('tells how far it is and gives a review', async () => {
    await flawedTree(source);
    const { id, result } = context.jobs.start('scan', { source });
    const { review } = await result;
    expect(context.jobs.get(id)).toMatchObject({ state: 'done', progress: { phase: 'comparing' } });
    expect((await call('reviews.get', { review })).counts['train']).toBeDefined();
  });

  it('cancelled or killed leaves nothing behind', async () => {
    await flawedTree(source, 60);
    const cancelled = context.jobs.start('scan', { source });
    await until(() => scanFiles().length > 0);
    context.jobs.cancel(cancelled.id);
    await expect(cancelled.result).rejects.toMatchObject({ code: 'interrupted' });
    expect(context.jobs.get(cancelled.id).state).toBe('cancelled');
    expect([scanFiles(), reviewFiles()]).toEqual([[], []]);

    const killed = context.jobs.start('scan', { source });
    await until(() => scanFiles().length > 0);
    context.jobs.close();
    await expect(killed.result).rejects.toMatchObject({ code: 'internal' });
    expect(reviewFiles()).toEqual([]);
    await scanned();
    expect([scanFiles(), reviewFiles().length]).toEqual([[], 1]);
  });
});

describe('pictures', () => {
  it('come in the order asked, oriented, and null where there is none', async () => {
    await flawedTree(source);
    const turned = await sharp({ create: { width: 60, height: 30, channels: 3, background: 'teal' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    writeFileSync(join(source, 'train/red/turned.jpg'), turned);
    const review = await scanned();
    const paths = ['train/red/turned.jpg', 'train/red/cut.png', 'train/red/none.png', 'train/red/0.png', 'train/red'];
    const pictures = await call('reviews.thumbnails', { review, paths, size: 32 });
    expect(pictures.map((picture) => picture !== null)).toEqual([true, false, false, true, false]);
    const { width, height } = await sharp(Buffer.from(pictures[0]?.split(',')[1] ?? '', 'base64')).metadata();
    expect([width, height]).toEqual([16, 32]);
  });

  it('are of files below the root only: neither .. nor a link leads out', async () => {
    await flawedTree(source);
    const outside = join(source, '..', 'outside');
    mkdirSync(outside);
    const secret = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    writeFileSync(join(outside, 'secret.png'), secret);
    symlinkSync(join(outside, 'secret.png'), join(source, 'train/red/link.png'));
    symlinkSync(outside, join(source, 'train/red/door'));
    symlinkSync(join(source, 'train/red/0.png'), join(source, 'train/red/inner.png'));
    const review = await scanned();
    const inner = 'train/red/inner.png';
    const paths = [
      '../outside/secret.png',
      join(outside, 'secret.png'),
      'train/red/link.png',
      'train/red/door/secret.png',
      inner,
    ];
    const answered = async (): Promise<boolean[]> =>
      (await call('reviews.thumbnails', { review, paths })).map((picture) => picture !== null);
    expect(await answered()).toEqual([false, false, false, false, true]);
    context.grants.add(outside);
    expect(await answered()).toEqual([true, false, true, true, true]);
    rmSync(outside, { recursive: true });
    expect(await answered()).toEqual([false, false, false, false, true]);
  });
});
