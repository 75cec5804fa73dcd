import { afterEach, beforeEach, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { lineageOf } from '../../src/main/store/lineage';
import { openStore, type Store } from '../../src/main/store/open';
import { renameRun } from '../../src/main/store/run-marks';
import { runById, type Run } from '../../src/main/store/runs';
import { addRun, temporaryHome } from './support';

let store: Store;
beforeEach(() => (store = openStore(databasePath(temporaryHome()))));
afterEach(() => store.close());

const parent = ({ id, name }: Run, step: number, equivalent_epochs: number) => ({
  run: id,
  name,
  step,
  equivalent_epochs,
});
const again = ({ id }: Run): Run => runById(store, id) as Run;

it('a run names its ancestors, nearest first, and its children, oldest first; compute is summed along the path', () => {
  const first = addRun(store, { name: 'first', task: 'mae' });
  const second = addRun(store, { name: 'second' }, 1000, parent(first, 40, 4));
  const third = addRun(store, { name: 'third' }, 1000, parent(second, 50, 9));
  const fourth = addRun(store, { name: 'fourth' }, 1000, parent(second, 60, 10));
  const relative = {
    ...{
      model: 'resnet18',
      best: null,
      state: 'queued',
      dataset_name: null,
      size: 32,
      series: expect.any(Number) as number,
    },
    stages: [
      [16, 0, 0.5],
      [32, 0, 0.5],
    ],
  };
  expect(lineageOf(store, third)).toEqual({
    ancestors: [
      { id: second.id, name: 'second', task: 'classify', step: 50, ...relative },
      { id: first.id, name: 'first', task: 'mae', step: 40, ...relative },
    ],
    children: [],
    equivalent_epochs_total: 19,
  });
  expect(lineageOf(store, second).children.map(({ id, step }) => [id, step])).toEqual([
    [third.id, 50],
    [fourth.id, 60],
  ]);
  expect(lineageOf(store, first)).toMatchObject({ ancestors: [], equivalent_epochs_total: 10 });
});

it('a parent is called as it is now; once removed, as it was, and nothing more is known of it', () => {
  const first = addRun(store, { name: 'first' });
  const second = addRun(store, {}, 1000, parent(first, 40, 4));
  renameRun(store, first.id, 'renamed');
  expect(again(second).parent).toEqual({ run: first.id, name: 'renamed', step: 40, equivalent_epochs: 4 });
  store.prepare('DELETE FROM runs WHERE id = ?').run(first.id);
  expect(lineageOf(store, again(second))).toEqual({
    ancestors: [
      {
        ...{
          id: first.id,
          name: 'first',
          step: 40,
          task: null,
          model: null,
          best: null,
          state: null,
          dataset_name: null,
        },
        ...{ size: null, stages: null, series: null },
      },
    ],
    children: [],
    equivalent_epochs_total: 14,
  });
});
