/** A database of an earlier version can hold images without labels without a change of any row. */
import Database from 'better-sqlite3';
import { beforeAll, expect, it } from 'vitest';
import { UNLABELLED } from '../../src/shared/labels';
import { databasePath } from '../../src/main/base/home';
import { loadSampleTable } from '../../src/main/services/datasets/datasets';
import { findDataset, type Dataset } from '../../src/main/store/datasets';
import { migrate } from '../../src/main/store/migrate';
import { openStore, type Store } from '../../src/main/store/open';
import { pageOfSamples, samplesOf } from '../../src/main/store/samples';
import { plantImages } from '../support/plant-images';
import { reviewFolder } from '../support/review-folder';
import { temporary } from '../support/training';

/** This is the last version without unlabelled images. */
const BEFORE = 11;

const home = temporary('store-unlabelled');
let store: Store;
let dataset: Dataset;

beforeAll(async () => {
  const old = new Database(databasePath(home));
  migrate(old, BEFORE);
  old.exec(`
    INSERT INTO datasets VALUES ('old', 'flowers', '/x', 'class-folders', '2026', '["rose","tulip"]', '{"counts":{"train":{"rose":1,"tulip":1}}}');
    INSERT INTO samples VALUES ('old', 'train', 'rose/0.png', 0, 1, 1, 'a', 'png', 8, 8, 1, 0), ('old', 'train', 'tulip/0.png', 1, 1, 1, 'b', 'png', 8, 8, 1, 0);
  `);
  old.close();
  const source = temporary('store-pictures');
  await plantImages(source, { train: 3, test: 1 });
  const review = await reviewFolder({ source, home, valSplit: null, read: { unlabelled: true }, name: 'pictures' });
  store = openStore(databasePath(home));
  review.commit(store);
  dataset = findDataset(store, 'pictures');
});

it('the datasets that were there keep their labels', () => {
  expect(findDataset(store, 'flowers').classes).toEqual(['rose', 'tulip']);
  expect([...samplesOf(store, 'old', 'train')].map(({ path, label }) => [path, label])).toEqual([
    ['rose/0.png', 0],
    ['tulip/0.png', 1],
  ]);
});

it('images without labels have no class, in the record and in each row', () => {
  expect([dataset.classes, dataset.record.counts]).toEqual([[], { train: { unlabelled: 3 }, test: { unlabelled: 1 } }]);
  const { rows } = pageOfSamples(store, dataset.id, { split: 'train', label: null, search: '', offset: 0, limit: 10 });
  expect(rows.map(({ path, label }) => [path, label])).toEqual(
    [0, 1, 2].map((index) => [`train/${index}.png`, UNLABELLED]),
  );
});

it('a loader gets them with the mark of an image without a label', () => {
  expect([...loadSampleTable(store, dataset, 'train').labels]).toEqual([UNLABELLED, UNLABELLED, UNLABELLED]);
});
