/**
 * Files with the same bytes and new times, as after an unzip or a sync without times, are accepted. Files with other
 * bytes are refused, with the remedy.
 */
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { locateDataset, touchedSentence, verifyDataset } from '../../src/main/services/datasets/dataset-files';
import { findDataset, type Dataset } from '../../src/main/store/datasets';
import { eventsOf } from '../../src/main/store/events';
import { openStore, type Store } from '../../src/main/store/open';
import { fileStates, samplesOf } from '../../src/main/store/samples';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

const LATER = new Date('2031-05-04T03:02:01.234Z');
let home: string;
let root: string;
let store: Store;
let dataset: Dataset;
beforeEach(async () => {
  home = temporary('files-home');
  root = smallSample(join(temporary('files'), 'data'), 6);
  dataset = await importFolder(home, root);
  store = openStore(databasePath(home));
});
afterEach(() => store.close());

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
const touch = (file: string, when = LATER): void => utimesSync(file, when, when);

describe('before training', () => {
  it('files of the same content are accepted, and the record takes their times', async () => {
    const files = filesBelow(root);
    files.forEach((file) => touch(file));
    expect(await verifyDataset(store, dataset)).toBe(files.length);
    const times = Object.keys(dataset.record.counts).flatMap((split) =>
      [...samplesOf(store, dataset.id, split)].map((row) => row.mtime_ms),
    );
    expect(new Set(times)).toEqual(new Set([LATER.getTime()]));
    expect(await verifyDataset(store, dataset)).toBe(0);
    expect([1, 3].map((count) => touchedSentence(dataset, count))).toEqual([
      '1 file of dataset data has another time than at import and the same content; its record was updated.',
      '3 files of dataset data have other times than at import and the same content; its record was updated.',
    ]);
  });

  it('one byte changed in place is refused, whatever else was touched, and nothing is recorded', async () => {
    const files = filesBelow(root);
    const [file = ''] = files;
    const bytes = readFileSync(file);
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    writeFileSync(file, bytes);
    files.forEach((path) => touch(path));
    for (let turn = 0; turn < 2; turn++)
      await expect(verifyDataset(store, dataset)).rejects.toMatchObject({
        code: 'dataset_changed',
        why: expect.stringMatching(/^1 files have changed \(train\/.*\)\.$/) as string,
        next: `Put the files back, or train a new run on them as they are: efficienttrain import ${root}`,
      });
  });

  it('missing files: where they may have moved to', async () => {
    const [file = '', other = ''] = filesBelow(root);
    rmSync(file);
    appendFileSync(other, 'x');
    await expect(verifyDataset(store, dataset)).rejects.toMatchObject({
      why: expect.stringMatching(/1 files are gone.*1 files have changed/) as string,
      next: expect.stringMatching(/datasets locate data NEW_FOLDER.*import/) as string,
    });
  });

  it('a resumed run continues after a touch and says so in its log', async () => {
    const run = newRun(home, dataset, { preset: 'constant', epochs: 12 });
    await train(home, run, (message, trainer) => {
      if (message.type === 'progress' && message.step > 0) trainer.send({ type: 'stop' });
    }).ended;
    const stopped = look(home, run.id).run;
    expect(stopped.state).toBe('stopped');
    filesBelow(root).forEach((file) => touch(file));
    const said: string[] = [];
    await train(home, stopped, (message) => message.type === 'log' && said.push(message.text)).ended;
    expect(look(home, run.id).run.state).toBe('completed');
    expect(said).toContain(touchedSentence(dataset, filesBelow(root).length));
    expect(eventsOf(store, run.id).map(({ message }) => message)).toContain(
      touchedSentence(dataset, filesBelow(root).length),
    );
  });
});

describe('a moved dataset', () => {
  it('is located by content: a copy with new times fits, one with another file of the same size does not', async () => {
    const copy = join(temporary('copy'), 'data');
    cpSync(root, copy, { recursive: true });
    filesBelow(copy).forEach((file) => touch(file));
    const [file = ''] = filesBelow(copy);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes).fill(7, bytes.length - 9));
    await expect(locateDataset(store, dataset, copy)).rejects.toMatchObject({
      code: 'dataset_changed',
      why: expect.stringContaining('1 files are missing there or differ') as string,
    });
    writeFileSync(file, bytes);
    renameSync(root, `${root}-old`);
    await locateDataset(store, dataset, copy);
    expect(await verifyDataset(store, findDataset(store, dataset.id))).toBe(0);
    expect(statSync(file).mtimeMs).not.toBe(LATER.getTime());
  });
});

describe('the files that are checked', () => {
  it('are all of a small split, and of a large one about as many as asked for, evenly spread', () => {
    const all = [...samplesOf(store, dataset.id, 'train')].map(({ path }) => path);
    const looked = (most: number): string[] =>
      [...fileStates(store, dataset.id, 'train', most)].map(({ path }) => path);
    expect(looked(1000)).toEqual(all);
    expect(looked(all.length)).toEqual(all);
    expect(looked(7)).toEqual(all.filter((_, place) => place % 4 === 0));
  });
});
