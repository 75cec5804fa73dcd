/**
 * A review of 100,000 files answers while a finger is still on the key. Medians are taken, because the machine also
 * does other things.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handlers as datasets } from '../../src/main/services/calls/datasets';
import { handlers as reviews } from '../../src/main/services/calls/reviews';
import { caller, contextOf } from '../support/calls';
import { largeReview } from '../support/large-review';
import { temporary } from '../support/training';

const FILES = 100_000;
const home = temporary('large');
const context = contextOf(home);
const review = caller(context, reviews);
const dataset = caller(context, datasets);
let id: string;

beforeAll(() => {
  id = largeReview(home, FILES);
});
afterAll(() => {
  context.jobs.close();
  context.store.close();
});

/** Returns the median time of some calls in milliseconds of this process, which leaves out other programs' time. */
async function median(act: () => Promise<unknown>, times = 7): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < times; count++) {
    const before = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / 1000);
  }
  return taken.sort((a, b) => a - b)[times >> 1] as number;
}

it('the review, its findings and its images, first page and last', async () => {
  const page = { review: id, limit: 100 };
  const took = {
    get: await median(() => review('reviews.get', { review: id })),
    findings: await median(() => review('reviews.findings', { ...page, kind: 'duplicate', offset: 0 })),
    lastFindings: await median(() => review('reviews.findings', { ...page, kind: 'duplicate', offset: 9_900 })),
    images: await median(() => review('reviews.images', { ...page, split: 'train', label: null, offset: 0 })),
    lastImages: await median(() => review('reviews.images', { ...page, split: 'train', label: null, offset: 79_900 })),
    ofClass: await median(() => review('reviews.images', { ...page, split: 'train', label: 'class_007', offset: 900 })),
  };
  for (const [what, milliseconds] of Object.entries(took)) expect(milliseconds, what).toBeLessThan(100);
});

it('a change of ten thousand files, and its way back', async () => {
  const exclude = await median(
    () => review('reviews.exclude', { review: id, what: { kinds: ['duplicate'] }, excluded: true }),
    1,
  );
  const undo = await median(() => review('reviews.undo', { review: id }), 1);
  const single = await median(async () => {
    await review('reviews.exclude', {
      review: id,
      what: { paths: ['train/class_001/photograph_0000001.jpg'] },
      excluded: true,
    });
    await review('reviews.undo', { review: id });
  });
  for (const [what, milliseconds] of Object.entries({ exclude, undo })) expect(milliseconds, what).toBeLessThan(1000);
  // This is a change and its undoing.
  expect(single).toBeLessThan(200);
});

it('the commit, and pages of what it stored', async () => {
  let made = '';
  const blocked = await median(async () => {
    made = (await review('reviews.commit', { review: id, name: 'large' })).dataset;
  }, 1);
  // Another process writes the rows; this one opens the review and starts that process.
  expect(blocked).toBeLessThan(200);
  expect((await dataset('datasets.get', { dataset: made })).counts['train']?.['class_001']).toBe(1000);
  const page = { dataset: made, split: 'train', limit: 100 };
  const took = {
    images: await median(() => dataset('datasets.images', { ...page, offset: 0 })),
    last: await median(() => dataset('datasets.images', { ...page, offset: 79_900 })),
    ofClass: await median(() => dataset('datasets.images', { ...page, label: 98, offset: 700 })),
    search: await median(() => dataset('datasets.images', { ...page, search: '_0009', offset: 0 })),
    searchNothing: await median(() => dataset('datasets.images', { ...page, search: 'nothing', offset: 0 })),
  };
  for (const [what, milliseconds] of Object.entries(took)) expect(milliseconds, what).toBeLessThan(100);
});
