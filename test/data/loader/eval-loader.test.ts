/** An evaluation sees every sample once, in order, as evaluationView makes it. It can be repeated. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { evaluationView } from '../../../src/main/engine/data/augment/evaluation';
import { decodeImage } from '../../../src/main/engine/data/decode/decode';
import { createEvalLoader, type EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import type { SampleTable } from '../../../src/main/engine/types';
import { NO_IMAGE, UNLABELLED } from '../../../src/shared/labels';
import { SIGNS, workerFile } from './plans';
import { entriesOf, tableFrom, type Entry } from './table';

const SIZE = 48;
const BATCH = 5;
let entries: Entry[];
let table: SampleTable;
let loader: EvalLoader;
beforeAll(async () => {
  entries = (await entriesOf(SIGNS, 33)).map((entry, label) => ({ ...entry, label }));
  table = tableFrom(SIGNS, entries);
});
afterEach(() => loader.close());

const open = (samples: SampleTable, workers: number, keepBytes = 0): EvalLoader =>
  createEvalLoader(workerFile, {
    samples,
    size: SIZE,
    cropPct: 0.9,
    interpolation: 'bicubic',
    batch: BATCH,
    workers,
    keepBytes,
  });
const labelsOf = (from: EvalLoader): number[] => [...from.batches()].flatMap(({ labels }) => [...labels]);
const EXPECTED = [...Array(33).keys(), NO_IMAGE, NO_IMAGE];

it.each([1, 3])('gives every sample once, in order, the rest padded; %i workers', (workers) => {
  loader = open(table, workers);
  expect(labelsOf(loader)).toEqual(EXPECTED);
});

it('gives the evaluation view, pixel by pixel, and black where there is no image', async () => {
  loader = open(table, 2);
  let at = 0;
  for (const { images } of loader.batches()) {
    for (let index = 0; index < BATCH; index++, at++) {
      const view = images.slice(index * SIZE * SIZE * 3, (index + 1) * SIZE * SIZE * 3);
      const entry = entries[at];
      const wanted = entry
        ? evaluationView(await decodeImage(readFileSync(join(SIGNS, entry.path))), SIZE, 0.9, 'bicubic').data
        : new Uint8Array(SIZE * SIZE * 3);
      expect(Buffer.compare(view, wanted)).toBe(0);
    }
  }
});

it('starts anew with the same workers, in a few milliseconds, many times', () => {
  loader = open(table, 2);
  for (let pass = 0; pass < 20; pass++) expect(labelsOf(loader)).toEqual(EXPECTED);
});

it('starts anew after a reader that left in the middle', () => {
  loader = open(table, 3);
  for (const left of [1, 2, 3, 1, 5]) {
    let seen = 0;
    for (const { labels } of loader.batches()) {
      expect([...labels]).toEqual(EXPECTED.slice(seen * BATCH, seen * BATCH + BATCH));
      if (++seen === left) break;
    }
    expect(labelsOf(loader)).toEqual(EXPECTED);
  }
});

it('gives the views it kept, and these are the same', () => {
  loader = open(table, 2, 1 << 24);
  const copy = (): { images: Uint8Array; labels: Int32Array }[] =>
    [...loader.batches()].map(({ images, labels }) => ({ images: images.slice(), labels: labels.slice() }));
  // The first pass yields memory that the workers overwrite; the kept views are copies.
  const first: string[] = [];
  for (const { images } of loader.batches()) first.push(Buffer.from(images).toString('base64'));
  expect(copy().map(({ images }) => Buffer.from(images).toString('base64'))).toEqual(first);
  expect(labelsOf(loader)).toEqual(EXPECTED);
});

it('tells images without a label from rows without an image', () => {
  const unlabelled = tableFrom(
    SIGNS,
    entries.map((entry, index) => ({ ...entry, label: UNLABELLED, ...(index === 7 ? { path: 'one/gone.jpg' } : {}) })),
  );
  loader = open(unlabelled, 2, 1 << 24);
  expect(labelsOf(loader)).toEqual(
    EXPECTED.map((label) => (label === 7 || label === NO_IMAGE ? NO_IMAGE : UNLABELLED)),
  );
});

it('leaves out a file that can not be read, and says so at once; never another in its place', () => {
  const broken = tableFrom(
    SIGNS,
    entries.map((entry, index) => (index === 7 ? { ...entry, path: 'one/gone.jpg' } : entry)),
  );
  loader = open(broken, 2);
  expect(labelsOf(loader)).toEqual(EXPECTED.map((label) => (label === 7 ? NO_IMAGE : label)));
  expect(loader.problems()).toEqual([{ path: 'one/gone.jpg', reason: expect.stringMatching(/ENOENT/) }]);
});

it('tries a file again that could not be read, and keeps nothing of a pass without it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eval-loader-'));
  const at = (index: number): string => join(folder, (entries[index] as Entry).path.replaceAll('/', '-'));
  entries.forEach(({ path }, index) => cpSync(join(SIGNS, path), at(index)));
  const moved = tableFrom(
    folder,
    entries.map((entry) => ({ ...entry, path: entry.path.replaceAll('/', '-') })),
  );
  const away = [7, 8, 20];
  for (const index of away) renameSync(at(index), `${at(index)}.away`);
  loader = open(moved, 2, 1 << 24);
  const without = EXPECTED.map((label) => (away.includes(label) ? NO_IMAGE : label));
  expect(labelsOf(loader)).toEqual(without);
  expect(labelsOf(loader)).toEqual(without);
  expect(loader.problems()).toHaveLength(6);
  for (const index of away) renameSync(`${at(index)}.away`, at(index));
  expect(labelsOf(loader)).toEqual(EXPECTED);
  // From now on the views are kept.
  rmSync(folder, { recursive: true });
  expect(labelsOf(loader)).toEqual(EXPECTED);
  expect(loader.problems()).toEqual([]);
});
