import { afterAll, beforeAll, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { insertDataset, setName, deleteDataset, type Dataset } from '../../src/main/store/datasets';
import { openStore, type Store } from '../../src/main/store/open';
import { runChanges, runSummaries } from '../../src/main/store/run-list';
import { claimRun } from '../../src/main/store/runs';
import { addRun, temporaryHome } from './support';

const path = databasePath(temporaryHome());
let store: Store;
/** The connection of another process. */
let other: Store;

beforeAll(() => {
  store = openStore(path);
  other = openStore(path);
});
afterAll(() => {
  store.close();
  other.close();
});

it('after the first list only what has changed is read, whoever changed it', () => {
  const [first, second] = [addRun(other, { name: 'a' }), addRun(other, { name: 'b' })];
  const whole = runChanges(store, null);
  expect(whole).toMatchObject({ all: true, runs: runSummaries(store) });
  expect(runChanges(store, whole.cursor)).toEqual({ cursor: whole.cursor, all: false, runs: [] });

  claimRun(other, first.id, process.pid);
  other.prepare('UPDATE runs SET step = 7 WHERE id = ?').run(first.id);
  const claimed = runChanges(store, whole.cursor);
  expect(claimed.all).toBe(false);
  expect(claimed.runs).toEqual(runSummaries(store).filter(({ id }) => id === first.id));
  expect(claimed.runs[0]).toMatchObject({ state: 'preparing', step: 7 });

  const third = addRun(other, { name: 'c' });
  other.prepare('UPDATE runs SET notes = ? WHERE id = ?').run('x', second.id);
  expect(runChanges(store, claimed.cursor).runs.map(({ id }) => id)).toEqual([third.id, second.id]);
});

it('where a run is gone, or the cursor is of another database, all are read', () => {
  const { id } = addRun(other, { name: 'gone' });
  const before = runChanges(store, null);
  other.prepare('DELETE FROM runs WHERE id = ?').run(id);
  const { cursor, all, runs } = runChanges(store, before.cursor);
  expect([all, runs]).toEqual([true, runSummaries(store)]);
  // The newest row is gone. The next change must not get a number that was given before.
  other.prepare("UPDATE runs SET notes = 'y' WHERE name = 'a'").run();
  expect(runChanges(store, cursor)).toMatchObject({ all: false, runs: [{ name: 'a' }] });
  expect(runChanges(store, cursor + 1000).all).toBe(true);
});

it('a dataset that is renamed or removed changes its runs', () => {
  const record = { counts: {}, formats: {}, problems: {}, excluded: {}, sizes: { smallest: 1, largest: 1 } };
  const options = { val_split: 0.2, seed: 0, exclude_problems: false, exclude_leaks: false, val_drawn: false };
  const dataset: Dataset = {
    ...{ id: 'd1', name: 'before', root: '/x', format: 'csv', created: '2026-01-01', classes: [] },
    record: { ...record, options },
  };
  insertDataset(other, dataset);
  const run = addRun(other, { name: 'of it', dataset: dataset.id });
  const { cursor } = runChanges(store, null);
  setName(other, dataset.id, 'after');
  const renamed = runChanges(store, cursor);
  expect(renamed.runs).toMatchObject([{ id: run.id, dataset_name: 'after' }]);
  deleteDataset(other, dataset.id);
  expect(runChanges(store, renamed.cursor).runs).toMatchObject([{ id: run.id, dataset_name: null }]);
});
