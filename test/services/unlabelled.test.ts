/** Images without labels in the window's calls: the question, its answer, and what a run is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draftBodySchema, type DraftBody } from '../../src/shared/contract/drafts';
import type { scanArgs, Review } from '../../src/shared/contract/reviews';
import { AppError } from '../../src/shared/errors';
import { job as preflight } from '../../src/main/services/jobs/preflight';
import { job as scan } from '../../src/main/services/jobs/scan';
import type { JobCall } from '../../src/main/services/core/job-protocol';
import type { z } from 'zod';
import { plantImages } from '../support/plant-images';
import { temporary } from '../support/training';
import { openCore, type Opened } from './core-support';

const source = temporary('calls-unlabelled');
let opened: Opened;
let jobCall: JobCall;
beforeAll(async () => {
  await plantImages(source, { train: 4, 'train/deep': 1, val: 2 });
  opened = openCore();
  jobCall = { home: opened.home, signal: new AbortController().signal, progress: () => undefined };
});
afterAll(() => opened.core.close());

async function review(args: Partial<z.output<typeof scanArgs>> = {}): Promise<Review> {
  const found = await scan.run({ source, seed: 0, unlabelled: false, ...args }, jobCall);
  return opened.call('reviews.get', { review: found.review });
}

describe('a review', () => {
  it('asks where no class folder holds an image, and is not committed before it is answered', async () => {
    const flat = temporary('calls-flat');
    await plantImages(flat, { train: 4, val: 2 });
    writeFileSync(join(flat, 'labels.csv'), 'path,label\n');
    const { id, doubt, blocked } = await review({ source: flat });
    expect(doubt).toEqual({
      kind: 'no_classes',
      images: { train: 4, val: 2, test: 0 },
      complete: true,
      table: 'labels.csv',
    });
    expect(blocked).toContain('None of its images is in a class folder');
    await expect(opened.call('reviews.commit', { review: id, name: 'x' })).rejects.toMatchObject({
      data: { code: 'bad_dataset' },
    });
  });

  it('of images without labels has no classes, and commits without a val split', async () => {
    const found = await review({ source: join(source, 'train'), unlabelled: true });
    expect(found).toMatchObject({
      ...{ unlabelled: true, classes: [], counts: { train: { unlabelled: 5 } }, blocked: null },
      ...{ val_drawn: false, val_split: 0, format: 'unlabelled-folder' },
    });
    const { images } = await opened.call('reviews.images', {
      review: found.id,
      split: null,
      label: null,
      offset: 0,
      limit: 9,
    });
    expect(images.map(({ label }) => label)).toEqual([null, null, null, null, null]);
    const { dataset } = await opened.call('reviews.commit', { review: found.id, name: 'bare' });
    expect(await opened.call('datasets.get', { dataset })).toMatchObject({
      classes: [],
      counts: { train: { unlabelled: 5 } },
    });
    const page = await opened.call('datasets.images', { dataset, split: 'train', offset: 0, limit: 9 });
    expect([page.total, page.images.map(({ label }) => label)]).toEqual([5, [null, null, null, null, null]]);
    const thumbs = await opened.call('datasets.thumbnails', { dataset, paths: ['0.png', 'deep/0.png'] });
    expect(thumbs.every((picture) => picture?.startsWith('data:image/'))).toBe(true);
  });

  it('forgets nothing of an undo: what was left out comes back to its split', async () => {
    const found = await review({ unlabelled: true });
    const less = await opened.call('reviews.exclude', {
      review: found.id,
      what: { paths: ['val/0.png'] },
      excluded: true,
    });
    expect(less.counts).toEqual({ train: { unlabelled: 5 }, val: { unlabelled: 1 } });
    expect((await opened.call('reviews.undo', { review: found.id })).counts).toEqual({
      ...{ train: { unlabelled: 5 }, val: { unlabelled: 2 } },
    });
  });
});

describe('a run that learns from labels', () => {
  const draft = (): DraftBody =>
    draftBodySchema.parse({
      dataset: 'bare',
      model: 'resnet_micro',
      preset: 'three-stage',
      size: 32,
      equivalent_epochs: 2,
    });

  it('is refused by the checks, at the dataset', async () => {
    const { items } = await preflight.run({ draft: draft(), dry_run: false }, jobCall);
    expect(items.find(({ id }) => id === 'dataset')).toMatchObject({
      state: 'error',
      error: { code: 'bad_dataset', what: 'Dataset bare has no labels.' },
    });
  });

  it('does not start', async () => {
    const start = opened.call('plans.start', { draft: draft(), draft_id: null, queue: true });
    await expect(start).rejects.toBeInstanceOf(AppError);
    expect((await opened.call('runs.list', {})).length).toBe(0);
  });

  it('has no estimate of its memory, and no error while it is designed', async () => {
    expect(await opened.call('plans.memory', { draft: draft() })).toEqual([]);
  });
});
