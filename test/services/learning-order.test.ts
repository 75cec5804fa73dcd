/** The stage at which each image was learned, read from the store and through the window's calls. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { learningOrder } from '../../src/main/services/runs/learning-order';
import { EntryWriter } from '../../src/main/store/entries';
import { truncateAfter } from '../../src/main/store/metrics';
import { findRun, type Run } from '../../src/main/store/runs';
import { outcomesEntry } from '../support/outcomes-entry';
import { temporary } from '../support/training';
import { addRun } from '../store/support';
import { openCore } from './core-support';

const { core, call } = openCore(temporary('learning-order'));
const { store } = core.context;
afterAll(() => core.close());

/** The stages have 500 steps each, at 16 and 32 px. */
let run: Run;
const write = (to: Run, ...evaluations: [step: number, images: string][]): void =>
  new EntryWriter(store, to.id).write(evaluations.map(([step, images]) => outcomesEntry(step, 'raw', images)));
const stageOf = (stage: number, bandwidth: number, step: number, count: number): object => ({
  stage,
  bandwidth,
  step,
  count,
});

beforeEach(() => {
  run = addRun(store);
});

describe('the learning order of a run', () => {
  it('is by the last evaluation of each stage', () => {
    write(run, [250, '----'], [500, '++--'], [750, '--++'], [1000, '+-+-']);
    expect(learningOrder(store, run, 'raw')).toEqual({
      stages: [stageOf(0, 16, 500, 1), stageOf(1, 32, 1000, 1)],
      ...{ never: 2, total: 4, unread: null },
    });
    expect(learningOrder(store, run, 'ema')).toBeNull();
  });

  it('is there while the run trains, by its evaluations so far', () => {
    expect(learningOrder(store, run, 'raw')).toBeNull();
    write(run, [500, '++-']);
    expect(learningOrder(store, run, 'raw')).toMatchObject({ stages: [stageOf(0, 16, 500, 2)], never: 1 });
    write(run, [750, '-+-']);
    expect(learningOrder(store, run, 'raw')).toMatchObject({
      stages: [stageOf(0, 16, 500, 1), stageOf(1, 32, 750, 0)],
      never: 2,
    });
  });

  it('is absent where the first stages were trained by a version that kept no outcomes', () => {
    write(run, [1000, '+-']);
    expect(learningOrder(store, run, 'raw')).toBeNull();
  });

  it('is the same where a run was killed behind an evaluation and has made it again', () => {
    write(run, [500, '++--'], [1000, '+-+-']);
    const before = learningOrder(store, run, 'raw');
    truncateAfter(store, run.id, 400);
    expect(learningOrder(store, run, 'raw')).toBeNull();
    write(run, [500, '++--'], [1000, '+-+-']);
    write(run, [1000, '+-+-']);
    expect(learningOrder(store, run, 'raw')).toEqual(before);
  });

  it('of a branch takes the first stages from its parent, and is absent where that is gone', () => {
    write(run, [500, '++--'], [1000, '----']);
    const parent = { run: run.id, name: run.name, step: 500, equivalent_epochs: 5 };
    const branch = addRun(store, { branch: `${run.id}@1` }, 1000, parent);
    write(branch, [1000, '+-+-']);
    expect(learningOrder(store, branch, 'raw')).toMatchObject({
      stages: [stageOf(0, 16, 500, 1), stageOf(1, 32, 1000, 1)],
      never: 2,
    });
    store.prepare('DELETE FROM runs WHERE id = ?').run(run.id);
    expect(learningOrder(store, findRun(store, branch.id), 'raw')).toBeNull();
  });
});

describe('the window', () => {
  const LABELS = [0, 2, 2, 0, 2];
  beforeEach(() => {
    store
      .prepare(
        "INSERT OR IGNORE INTO datasets VALUES ('flowers', 'flowers', '/x', 'folder', '2026', '[\"a\", \"b\", \"c\"]', '{}')",
      )
      .run();
    const insert = store.prepare(
      `INSERT OR IGNORE INTO samples (dataset_id, split, path, label, bytes, mtime_ms, sha256, format, width, height, orientation, fast)
        VALUES ('flowers', 'val', ?, ?, 1, 1, 'x', 'png', 1, 1, 1, 0)`,
    );
    LABELS.forEach((label, index) => insert.run(`${index}.png`, label));
    write(run, [500, '+?++-'], [1000, '++-+-']);
  });

  it('has it by class, and says how many images could not be read', async () => {
    expect(await call('evaluations.learning_order', { run: run.id, weights: 'raw' })).toEqual({
      stages: [stageOf(0, 16, 500, 2), stageOf(1, 32, 1000, 0)],
      ...{ never: 2, total: 4, unread: 1 },
      per_class: [
        [2, 0, 0],
        [0, 0, 0],
        [0, 0, 2],
      ],
    });
    expect(await call('evaluations.learning_order', { run: run.id, weights: 'ema' })).toBeNull();
  });

  it('has the images of a group in pages, of all classes or one', async () => {
    const ask = (bandwidth: number | null, label: number | null, offset = 0, limit = 10) =>
      call('evaluations.learned_images', { run: run.id, weights: 'raw', bandwidth, label, offset, limit });
    const [first, fourth] = ['0.png', '3.png'].map((path) => ({ path, label: 0 }));
    expect(await ask(16, null)).toEqual({ total: 2, images: [first, fourth] });
    expect(await ask(16, null, 1, 1)).toEqual({ total: 2, images: [fourth] });
    expect(await ask(16, 2)).toEqual({ total: 0, images: [] });
    expect(await ask(null, 2)).toMatchObject({ total: 2, images: [{ path: '2.png' }, { path: '4.png' }] });
  });
});
