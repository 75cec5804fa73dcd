import { classesEntry } from '../support/classes-entry';
import { beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { EntryWriter, type Entry } from '../../src/main/store/entries';
import { pointsOf, seriesNames, truncateAfter, WIDTHS } from '../../src/main/store/metrics';
import { SummaryReader, summaryOf } from '../../src/main/store/summary';
import { openStore, type Store } from '../../src/main/store/open';
import { rngOf } from '../../src/shared/random';
import { addRun, pointsAt, temporaryHome } from './support';

const rollups = (store: Store): unknown[] =>
  store
    .prepare(
      'SELECT name, width, bucket, count, min, max, last, round(sum, 9) AS sum FROM rollups JOIN series ON id = series_id ORDER BY name, width, bucket',
    )
    .all();

/** Computes the extremes from the values themselves. */
function bestOf(values: readonly number[]): {
  count: number;
  min: number;
  max: number;
  min_step: number;
  max_step: number;
  last: number | undefined;
} {
  const min = values.reduce((a, b) => Math.min(a, b));
  const max = values.reduce((a, b) => Math.max(a, b));
  return {
    count: values.length,
    min,
    max,
    min_step: values.indexOf(min) + 1,
    max_step: values.indexOf(max) + 1,
    last: values.at(-1),
  };
}

describe('metrics', () => {
  let store: Store;
  let id: string;
  beforeEach(() => {
    store = openStore(databasePath(temporaryHome()));
    id = addRun(store).id;
  });

  it('reads back what was written, bit for bit', () => {
    const rng = rngOf(1);
    const values = Array.from({ length: 50 }, () => rng.normal() * 1e-7);
    const writer = new EntryWriter(store, id);
    writer.write(values.map((value, index) => pointsAt(index + 1, { 'train/loss': value })));
    expect(pointsOf(store, id, 'train/loss').map(({ value }) => value)).toEqual(values);
    expect(pointsOf(store, id, 'train/loss', 48).map(({ step }) => step)).toEqual([49, 50]);
    expect(seriesNames(store, id)).toEqual(['train/loss']);
    expect(pointsOf(store, id, 'nothing')).toEqual([]);
  });

  it('keeps rollups equal to those of the points, over many batches', () => {
    const rng = rngOf(2);
    const writer = new EntryWriter(store, id);
    const values: number[] = [];
    for (let batch = 0; batch < 40; batch++) {
      const entries = Array.from({ length: 1 + rng.below(60) }, () => {
        values.push(rng.normal());
        return pointsAt(values.length, { 'train/loss': values.at(-1) as number });
      });
      writer.write(entries);
    }
    for (const width of WIDTHS) {
      const rows = store
        .prepare('SELECT bucket, count, sum, min, max, last FROM rollups WHERE width = ? ORDER BY bucket')
        .all(width) as Record<string, number>[];
      expect(rows.length).toBe(Math.floor(values.length / width) + 1);
      for (const row of rows) {
        const inside = values.filter((_, index) => Math.floor((index + 1) / width) === row['bucket']);
        expect(row).toMatchObject({
          count: inside.length,
          min: Math.min(...inside),
          max: Math.max(...inside),
          last: inside.at(-1),
        });
        expect(row['sum']).toBeCloseTo(
          inside.reduce((sum, value) => sum + value, 0),
          9,
        );
      }
    }
  });

  it('a step written twice counts once, with its last value', () => {
    const once = new EntryWriter(store, id);
    once.write([1, 2, 3, 4, 5].map((step) => pointsAt(step, { loss: step })));
    const before = rollups(store);
    once.write([3, 4].map((step) => pointsAt(step, { loss: step })));
    expect(rollups(store)).toEqual(before);
    once.write([pointsAt(5, { loss: 9 }), pointsAt(6, { loss: 1 })]);
    expect(summaryOf(store, id, 'loss')).toEqual({
      count: 6,
      mean: 20 / 6,
      min: 1,
      max: 9,
      min_step: 1,
      max_step: 5,
      last: 1,
      last_step: 6,
    });
  });

  it('keeps a value that is not finite as a hole', () => {
    const writer = new EntryWriter(store, id);
    writer.write([pointsAt(1, { loss: 2 }), pointsAt(2, { loss: NaN }), pointsAt(3, { loss: Infinity })]);
    expect(pointsOf(store, id, 'loss').map(({ value }) => value)).toEqual([2, null, null]);
    expect(summaryOf(store, id, 'loss')).toMatchObject({ count: 1, last: 2, last_step: 1 });
    writer.write([pointsAt(1, { loss: NaN })]);
    expect(summaryOf(store, id, 'loss')).toBeNull();
  });

  it('a failed batch leaves nothing behind, and the next one is whole', () => {
    const writer = new EntryWriter(store, id);
    const broken: Entry = {
      kind: 'stage',
      stage: 0,
      stepsDone: null as unknown as number,
      seconds: 0,
      computeSeconds: 0,
      loaderSeconds: 0,
      images: 0,
    };
    expect(() => writer.write([pointsAt(1, { loss: 1 }), broken])).toThrow(/NOT NULL/);
    expect(seriesNames(store, id)).toEqual([]);
    writer.write([pointsAt(1, { loss: 1 })]);
    expect(rollups(store)).toHaveLength(WIDTHS.length);
    expect(rollups(store)[0]).toMatchObject({ count: 1 });
  });

  it('finds extremes, and what was spent until each point', () => {
    const rng = rngOf(3);
    const values = Array.from({ length: 25_000 }, () => rng.uniform());
    new EntryWriter(store, id).write(values.map((value, index) => pointsAt(index + 1, { 'val/top1': value })));
    expect(summaryOf(store, id, 'val/top1')).toMatchObject(bestOf(values));
    const spent = new SummaryReader(store).spent(id, 'val/top1');
    expect(spent).toHaveLength(values.length);
    expect(spent[776]).toEqual({ step: 777, value: values[776], seconds: 7.77, equivalent_epochs: 7.77 });
    expect(new SummaryReader(store).spent(id, 'nothing')).toEqual([]);
  });

  it('truncateAfter leaves exactly what an uninterrupted run would have had there', () => {
    const rng = rngOf(4);
    const entries = Array.from({ length: 2500 }, (_, index) =>
      pointsAt(index + 1, { loss: rng.normal(), ...(index % 100 === 99 ? { 'val/top1': rng.uniform() } : {}) }),
    );
    const other = openStore(databasePath(temporaryHome()));
    const otherId = addRun(other).id;
    for (const steps of [0, 1, 999, 1000, 1001, 2499, 2500]) {
      truncateAfter(store, id, 0);
      new EntryWriter(store, id).write(entries);
      truncateAfter(other, otherId, 0);
      new EntryWriter(other, otherId).write(entries.slice(0, steps));
      truncateAfter(store, id, steps);
      expect(rollups(store)).toEqual(rollups(other));
      expect(pointsOf(store, id, 'loss')).toEqual(pointsOf(other, otherId, 'loss'));
      expect(store.prepare('SELECT step FROM steps').all()).toEqual(other.prepare('SELECT step FROM steps').all());
    }
  });

  it('truncateAfter also forgets evaluations and checkpoints past the step, of this run only', () => {
    const second = addRun(store).id;
    for (const run of [id, second]) {
      new EntryWriter(store, run).write([
        ...[100, 200].map((step): Entry => ({
          kind: 'checkpoint',
          step,
          folder: `step_${step}`,
          sha256: 'x',
          bytes: 1,
          created: '2026',
          removed: [],
        })),
        ...[100, 200].map((step): Entry => classesEntry(step, 'raw', [{ correct: 1, count: 2 }], [1])),
        { kind: 'event', step: 200, time: '2026', name: 'started', message: 'x' },
      ]);
    }
    truncateAfter(store, id, 150);
    const count = (table: string, run: string): unknown =>
      store.prepare(`SELECT count(*) FROM ${table} WHERE run_id = ?`).pluck().get(run);
    expect([count('checkpoints', id), count('evaluation_details', id), count('events', id)]).toEqual([1, 1, 1]);
    expect([count('checkpoints', second), count('evaluation_details', second)]).toEqual([2, 2]);
  });
});
