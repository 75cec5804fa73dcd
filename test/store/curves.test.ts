import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CALLS } from '../../src/shared/contract';
import { databasePath } from '../../src/main/base/home';
import { handlers } from '../../src/main/services/calls/metrics';
import type { CallContext } from '../../src/main/services/core/context';
import { CurveReader, pointTable } from '../../src/main/store/curves';
import { EntryWriter } from '../../src/main/store/entries';
import { openStore, type Store } from '../../src/main/store/open';
import { addRun, pointsAt, temporaryHome } from './support';

const all = { since: null, from: null, to: null, most: 100 };

describe('curves', () => {
  let store: Store;
  let id: string;
  const write = (first: number, last: number, values: (step: number) => Record<string, number>): void =>
    new EntryWriter(store, id).write(
      Array.from({ length: last - first + 1 }, (_, index) => pointsAt(first + index, values(first + index))),
    );
  beforeEach(() => {
    store = openStore(databasePath(temporaryHome()));
    id = addRun(store).id;
  });

  it('are the points themselves while they are few, with time and compute of each', () => {
    write(1, 5, (step) => ({ loss: step }));
    const read = new CurveReader(store, id).read('loss', all);
    expect(read?.width).toBe(1);
    expect(read?.rows[2]).toEqual({ step: 3, mean: 3, min: 3, max: 3, wall_ms: 30, equivalent_epochs: 0.03 });
    expect(new CurveReader(store, id).read('nothing', all)).toBeNull();
  });

  it('are buckets at their last step when there are many, and the last bucket ends where the run is', () => {
    write(1, 995, (step) => ({ loss: step }));
    const read = new CurveReader(store, id).read('loss', all);
    expect(read?.width).toBe(10);
    expect(read?.rows[0]).toMatchObject({ step: 9, mean: 5, min: 1, max: 9, wall_ms: 90 });
    expect(read?.rows.at(-1)).toMatchObject({ step: 995, min: 990, max: 995 });
  });

  it('since a step bring the bucket that contains it anew, and what came after', () => {
    write(1, 992, (step) => ({ loss: step }));
    const before = new CurveReader(store, id).read('loss', all)?.rows ?? [];
    write(993, 1000, (step) => ({ loss: step }));
    const tail = new CurveReader(store, id).read('loss', { ...all, since: 992 });
    const whole = new CurveReader(store, id).read('loss', all);
    expect(tail?.rows.map(({ step }) => step)).toEqual([999, 1000]);
    expect([...before.slice(0, -1), ...(tail?.rows ?? [])]).toEqual(whole?.rows);
  });

  it('of a part are as fine as there is room for', () => {
    write(1, 2000, (step) => ({ loss: step }));
    expect(new CurveReader(store, id).read('loss', all)?.width).toBe(20);
    const part = new CurveReader(store, id).read('loss', { ...all, from: 500, to: 560 });
    expect(part?.width).toBe(1);
    expect(part?.rows.map(({ step }) => step)).toEqual(Array.from({ length: 61 }, (_, index) => 500 + index));
  });

  it.each([
    [150, 2],
    [450, 5],
    [1900, 20],
    [4900, 50],
    [9000, 100],
  ])('of %d steps are buckets of %d, as worked out from the points', (count, width) => {
    const value = (step: number): number => Math.sin(step) * step;
    write(1, count, (step) => ({ loss: value(step) }));
    const read = new CurveReader(store, id).read('loss', all);
    expect(read?.width).toBe(width);
    const expected = new Map<number, number[]>();
    for (let step = 1; step <= count; step++)
      expected.set(Math.floor(step / width), [...(expected.get(Math.floor(step / width)) ?? []), value(step)]);
    const rows = read?.rows ?? [];
    expect(rows.map(({ step }) => step)).toEqual(
      [...expected.keys()].map((key) => Math.min((key + 1) * width - 1, count)),
    );
    [...expected.values()].forEach((values, at) => {
      expect(rows[at]?.min).toBe(Math.min(...values));
      expect(rows[at]?.max).toBe(Math.max(...values));
      expect(rows[at]?.mean).toBeCloseTo(values.reduce((sum, one) => sum + one, 0) / values.length, 9);
    });
  });

  it('say where points were not finite, by an index', () => {
    write(1, 300, (step) => ({ loss: step === 150 ? NaN : step }));
    const read = new CurveReader(store, id).read('loss', all);
    expect(read).toMatchObject({ notFinite: 1, gaps: [150] });
    expect(new CurveReader(store, id).read('loss', { ...all, to: 149 })).toMatchObject({ notFinite: 0, gaps: [] });
  });

  it('say the time of the last step before, where a bucket ends on a step with nothing', () => {
    write(1, 300, (step): Record<string, number> => (step % 7 ? {} : { loss: step }));
    const sparse = new CurveReader(store, id).read('loss', { ...all, most: 20 });
    expect(sparse?.rows.every(({ wall_ms, step }) => wall_ms === step * 10)).toBe(true);
    const other = addRun(store).id;
    new EntryWriter(store, other).write([1, 4, 7, 11].map((step) => pointsAt(step * 10 + 3, { loss: step })));
    const rows = new CurveReader(store, other).read('loss', { ...all, most: 3 })?.rows;
    expect(rows?.map(({ step, wall_ms }) => [step, wall_ms])).toEqual([
      [43, 430],
      [73, 730],
      [113, 1130],
    ]);
  });

  it('as a table bring every point side by side, page by page', () => {
    write(1, 10, (step) => ({ loss: step, ...(step % 5 ? {} : { top1: step / 10 }) }));
    const first = pointTable(store, id, ['loss', 'top1', 'nothing'], -1, 6);
    expect(first).toMatchObject({ total: 10, next: 6 });
    expect(first.rows[4]).toEqual([5, 0.05, 0.05, 5, 0.5, null]);
    const second = pointTable(store, id, ['loss', 'top1', 'nothing'], 6, 6);
    expect(second.next).toBeNull();
    expect(second.rows.map(([step]) => step)).toEqual([7, 8, 9, 10]);
  });
});

/** Copies a series to the same run or to another. Writing a million points one by one would take a minute. */
function copySeries(store: Store, from: string, to: string, name: string): void {
  const source = store.prepare('SELECT id FROM series WHERE run_id = ? LIMIT 1').pluck().get(from);
  const copy = store.prepare('INSERT INTO series (run_id, name) VALUES (?, ?)').run(to, name).lastInsertRowid;
  store.prepare('INSERT INTO points SELECT ?, step, value FROM points WHERE series_id = ?').run(copy, source);
  store
    .prepare('INSERT INTO rollups SELECT ?, width, bucket, count, sum, min, max, last FROM rollups WHERE series_id = ?')
    .run(copy, source);
  store
    .prepare('INSERT OR IGNORE INTO steps SELECT ?, step, wall_ms, equivalent_epochs FROM steps WHERE run_id = ?')
    .run(to, from);
}

describe('a run of a million points', () => {
  const steps = 100_000;
  const names = Array.from({ length: 10 }, (_, index) => `series/${index}`);
  let context: CallContext;
  let id: string;
  beforeAll(() => {
    const store = openStore(databasePath(temporaryHome()));
    id = addRun(store, {}, steps).id;
    const writer = new EntryWriter(store, id);
    const [first = '', ...others] = names;
    writer.write(Array.from({ length: steps }, (_, index) => pointsAt(index + 1, { [first]: Math.sin(index / 500) })));
    for (const name of others) copySeries(store, id, id, name);
    context = { store } as CallContext;
  });

  it('is read in well under 300 ms, and what is new of it in a fraction', async () => {
    // This thread's own time leaves out the machine's other work.
    const timed = async (since: number | null): Promise<number> => {
      const args = CALLS['metrics.curves'].args.parse({ run: id, names, since });
      const begun = process.threadCpuUsage();
      const answer = CALLS['metrics.curves'].result.parse(await handlers['metrics.curves'](context, args));
      expect(answer.last_step).toBe(steps);
      expect(answer.curves.map(({ step }) => step.length <= 1001)).toEqual(names.map(() => true));
      const { user, system } = process.threadCpuUsage(begun);
      return (user + system) / 1000;
    };
    const [whole, tail] = [[await timed(null), await timed(null), await timed(null)], await timed(steps - 50)];
    expect(whole.sort((a, b) => a - b)[1]).toBeLessThan(300);
    expect(tail).toBeLessThan(60);
  });
});

describe('twenty runs of 100,000 points', () => {
  it('are read for a comparison in less than 500 ms', async () => {
    const store = openStore(databasePath(temporaryHome()));
    const context = { store } as CallContext;
    const { id: first } = addRun(store, {}, 100_000);
    const rows = Array.from({ length: 100_000 }, (_, index) =>
      pointsAt(index + 1, { 'train/loss': Math.cos(index / 300) }),
    );
    new EntryWriter(store, first).write(rows);
    const ids = [first, ...Array.from({ length: 19 }, () => addRun(store, {}, 100_000).id)];
    for (const run of ids.slice(1)) copySeries(store, first, run, 'train/loss');
    const timed = async (): Promise<number> => {
      const begun = process.threadCpuUsage();
      for (const run of ids) {
        const args = CALLS['metrics.curves'].args.parse({ run, names: ['train/loss'] });
        const { curves } = CALLS['metrics.curves'].result.parse(await handlers['metrics.curves'](context, args));
        expect(curves[0]?.step.length).toBeGreaterThan(500);
      }
      const { user, system } = process.threadCpuUsage(begun);
      return (user + system) / 1000;
    };
    const times = [await timed(), await timed(), await timed()].sort((a, b) => a - b);
    expect(times[1]).toBeLessThan(500);
  });
});
