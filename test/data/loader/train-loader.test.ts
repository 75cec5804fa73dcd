/** Batches are a pure function of the plan and the step. Neither files, threads nor the size of a ring changes them. */
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ring } from '../../../src/main/engine/data/loader/shared-state';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import type { SampleTable } from '../../../src/main/engine/types';
import { AUGMENT, dyingWorker, planOf, read, SIGNS, STAGES, workerFile, type Seen } from './plans';
import { entriesOf, tableFrom, tableOf } from './table';

let table: SampleTable;
let reference: Seen[];
const scratch = mkdtempSync(join(tmpdir(), 'loader-'));
beforeAll(async () => {
  table = await tableOf(SIGNS, 23);
  reference = (await read(planOf(table, { workers: 1 }))).seen;
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('determinism', () => {
  it.each([2, 3])('gives the same batches with %i workers', async (workers) => {
    expect((await read(planOf(table, { workers }))).seen).toEqual(reference);
  });

  it.each([1, 3, 4, 8])('continues at step %i, inside an epoch and a stage, with the same batches', async (start) => {
    expect((await read(planOf(table), start)).seen).toEqual(reference.slice(start));
  });

  it('gives the same batches out of the smallest ring', async () => {
    expect((await read(planOf(table, { prefetchBytes: 1 }))).seen).toEqual(reference);
  });

  it('gives other batches for another seed, and other views of a sample in another epoch', async () => {
    const { seen } = await read(planOf(table, { seed: 8 }));
    seen.forEach(({ hash }, step) => expect(hash).not.toBe(reference[step]?.hash));
    const alone = tableFrom(table.root, (await entriesOf(SIGNS, 1)).slice(0, 1));
    const views = (
      await read(planOf(alone, { stages: [{ ...STAGES[0], batch: 1, steps: 5 } as (typeof STAGES)[number]] }), 0, 5)
    ).seen;
    expect(new Set(views.map(({ hash }) => hash)).size).toBe(5);
  });

  it("erases rectangles of the stage's own bandwidth", () => {
    const rectangles = reference.flatMap(({ step, erase }) =>
      Array.from({ length: erase.length / 4 }, (_, index) => ({ step, box: erase.slice(index * 4, index * 4 + 4) })),
    );
    const erased = rectangles.filter(({ box }) => (box[2] as number) > 0);
    expect(erased.length).toBeGreaterThan(3);
    for (const { step, box } of erased) {
      const side = STAGES.findLast(({ firstStep }) => firstStep <= step)?.bandwidth as number;
      expect((box[0] as number) + (box[2] as number)).toBeLessThanOrEqual(side);
      expect((box[1] as number) + (box[3] as number)).toBeLessThanOrEqual(side);
    }
  });
});

it('shows every sample once in an epoch, whatever the stages', async () => {
  // Labels identify samples. No view is augmented, so equal samples are equal images.
  const entries = (await entriesOf(SIGNS, 20)).map((entry, label) => ({ ...entry, label }));
  const { seen } = await read(planOf(tableFrom(table.root, entries), { stages: STAGES }));
  const order = seen.flatMap(({ labels }) => labels);
  expect(order).toHaveLength(60);
  for (let epoch = 0; epoch < 3; epoch++)
    expect(order.slice(epoch * 20, epoch * 20 + 20).sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
  expect(order.slice(0, 20)).not.toEqual(order.slice(20, 40));
});

it('keeps within its bytes, and never makes more than the ring holds', async () => {
  const stage = { ...STAGES[0], steps: 1000, batch: 4 } as (typeof STAGES)[number];
  const slot = Ring.slotBytes(4, 32);
  const loader = createTrainLoader(workerFile, planOf(table, { stages: [stage], prefetchBytes: 5 * slot + 1 }), 0);
  try {
    const began = performance.now();
    const first = loader.next();
    const made = performance.now() - began;
    expect(first.images.buffer.byteLength).toBeLessThan(5 * slot + 1 + 4096);
    const before = first.images.slice();
    // On a busy machine the others take longer to make, as the first one did.
    await new Promise((resolve) => setTimeout(resolve, 300 + 5 * made));
    // Without a release, the workers may fill the four other slots, but never this one.
    expect(Buffer.compare(first.images, before)).toBe(0);
    loader.release(first);
    const started = performance.now();
    const ready = loader.next();
    expect(performance.now() - started).toBeLessThan(100 + made);
    expect(ready.waitMs).toBeLessThan(100 + made);
  } finally {
    await loader.close();
  }
});

describe('files that fail at their turn', () => {
  const damaged = async (
    name: string,
    damage: (file: string) => void,
  ): Promise<{ broken: SampleTable; paths: string[] }> => {
    const root = join(scratch, name);
    cpSync(SIGNS, root, { recursive: true });
    const entries = await entriesOf(root, 23);
    const victims = entries.filter((_, index) => index === 4 || index === 5);
    for (const { path } of victims) damage(join(root, path));
    return { broken: tableFrom(root, entries), paths: victims.map(({ path }) => path).sort() };
  };

  it.each<[string, (file: string) => void, RegExp]>([
    ['gone', (file) => rmSync(file), /ENOENT/],
    ['cut', (file) => truncateSync(file, 700), /./],
    ['empty', (file) => writeFileSync(file, ''), /./],
    ['text', (file) => writeFileSync(file, 'not an image'), /./],
  ])('replaces a file that is %s by one of its class, and says so', async (name, damage, reason) => {
    const { broken, paths } = await damaged(name, damage);
    const { seen, problems } = await read(planOf(broken, { workers: 2 }));
    expect([...new Set(problems.map(({ path }) => path))].sort()).toEqual(paths);
    for (const problem of problems) expect(problem.reason).toMatch(reason);
    // The classes are the same at the same places, whatever the number of workers.
    expect(seen.map(({ labels }) => labels)).toEqual(reference.map(({ labels }) => labels));
    expect((await read(planOf(broken, { workers: 1 }))).seen).toEqual(seen);
    expect(seen.filter(({ hash }, step) => hash !== reference[step]?.hash).length).toBeGreaterThan(0);
  });

  it('refuses a file whose size has changed since import, instead of a wrong crop', async () => {
    const small = await sharp({ create: { width: 20, height: 30, channels: 3, background: '#345' } })
      .png()
      .toBuffer();
    const { broken, paths } = await damaged('resized', (file) => writeFileSync(file, small));
    broken.fast.fill(0);
    const { problems } = await read(planOf(broken));
    expect([...new Set(problems.map(({ path }) => path))].sort()).toEqual(paths);
    expect(problems[0]?.reason).toBe('It is 20 x 30 pixels now; at import it was 100 x 100.');
  });

  it('gives a replacement of another class its own label, where the class has no other file', async () => {
    const root = join(scratch, 'lonely');
    cpSync(SIGNS, root, { recursive: true });
    const entries = (await entriesOf(root, 4)).map((entry, index) => ({ ...entry, label: index === 0 ? 0 : 1 }));
    rmSync(join(root, entries[0]?.path as string));
    const { seen } = await read(planOf(tableFrom(root, entries)));
    expect(new Set(seen.flatMap(({ labels }) => labels))).toEqual(new Set([1]));
  });

  it('gives up with the reason, where nothing can be read', async () => {
    const entries = (await entriesOf(SIGNS, 6)).map((entry) => ({ ...entry, path: `${entry.path}.gone` }));
    await expect(read(planOf(tableFrom(SIGNS, entries)))).rejects.toMatchObject({
      code: 'io',
      why: expect.stringMatching(/in a row could not be read.*ENOENT/s),
    });
  });
});

describe('a worker that dies', () => {
  it.each([
    ['exits', 'process.exit(3)', /ended unexpectedly with exit code 3/],
    ['throws', "setTimeout(() => { throw new Error('out of ideas'); }, 0)", /out of ideas/],
  ])('is an error of next() and no hang: it %s', async (_name, deed, why) => {
    const loader = createTrainLoader(dyingWorker(scratch, deed), planOf(table, { workers: 1 }), 0);
    try {
      expect(() => loader.next()).toThrow(expect.objectContaining({ code: 'io', why: expect.stringMatching(why) }));
    } finally {
      await loader.close();
    }
  });
});

it('closes promptly while workers are at work, and while they wait for a free slot', async () => {
  for (const pause of [0, 0, 400]) {
    const loader = createTrainLoader(
      workerFile,
      planOf(table, { augment: { ...AUGMENT, auto_augment: 'none' }, prefetchBytes: 1 }),
      0,
    );
    if (pause) loader.release(loader.next());
    await new Promise((resolve) => setTimeout(resolve, pause));
    const started = performance.now();
    await loader.close();
    // A worker that doesn't end by itself is terminated after five seconds.
    expect(performance.now() - started).toBeLessThan(4000);
  }
});
