import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CALLS } from '../../src/shared/contract';
import { databasePath } from '../../src/main/home';
import { handlers } from '../../src/main/services/calls/metrics';
import type { CallContext } from '../../src/main/services/core/context';
import { CurveReader, pointTable } from '../../src/main/store/curves';
import { EntryWriter, type Entry } from '../../src/main/store/entries';
import { openStore, type Store } from '../../src/main/store/open';
import { addRun, temporaryHome } from './support';

const point = (step: number, values: Record<string, number>): Entry => ({
  ...{ kind: 'points', step, values },
  ...{ wallMs: step * 10, equivalentEpochs: step / 100 },
});
const all = { since: null, from: null, to: null, most: 100 };

describe('curves', () => {
  let store: Store;
  let id: string;
  const write = (first: number, last: number, values: (step: number) => Record<string, number>): void =>
    new EntryWriter(store, id).write(
      Array.from({ length: last - first + 1 }, (_, index) => point(first + index, values(first + index))),
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

  it('since a step bring the bucket it lies in anew, and what came after', () => {
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
    expect(new CurveReader(store, id).read('loss', all)?.width).toBe(100);
    const part = new CurveReader(store, id).read('loss', { ...all, from: 500, to: 560 });
    expect(part?.width).toBe(1);
    expect(part?.rows.map(({ step }) => step)).toEqual(Array.from({ length: 61 }, (_, index) => 500 + index));
  });

  it('say where points were not finite, by an index', () => {
    write(1, 300, (step) => ({ loss: step === 150 ? NaN : step }));
    const read = new CurveReader(store, id).read('loss', all);
    expect(read).toMatchObject({ notFinite: 1, gaps: [150] });
    const plan = store.prepare(
      'EXPLAIN QUERY PLAN SELECT count(*) FROM points WHERE series_id = ? AND step BETWEEN ? AND ? AND value IS NULL',
    );
    expect(JSON.stringify(plan.all(1, 0, 9))).toContain('points_not_finite');
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

describe('a run of a million points', () => {
  const steps = 100_000;
  const names = Array.from({ length: 10 }, (_, index) => `series/${index}`);
  let context: CallContext;
  let id: string;
  beforeAll(() => {
    const store = openStore(databasePath(temporaryHome()));
    id = addRun(store, {}, steps).id;
    const writer = new EntryWriter(store, id);
    for (let from = 1; from <= steps; from += 10_000) {
      const rows = Array.from({ length: 10_000 }, (_, index) =>
        point(from + index, Object.fromEntries(names.map((name, series) => [name, Math.sin((from + index) / 500) + series]))),
      );
      writer.write(rows);
    }
    context = { store } as CallContext;
  });

  it('is read in well under 300 ms, and what is new of it in a fraction', async () => {
    const timed = async (since: number | null): Promise<number> => {
      const args = CALLS['metrics.curves'].args.parse({ run: id, names, since });
      const begun = performance.now();
      const answer = CALLS['metrics.curves'].result.parse(await handlers['metrics.curves'](context, args));
      expect(answer.last_step).toBe(steps);
      expect(answer.curves.map(({ step }) => step.length <= 1001)).toEqual(names.map(() => true));
      return performance.now() - begun;
    };
    const [whole, tail] = [[await timed(null), await timed(null), await timed(null)], await timed(steps - 50)];
    expect(whole.sort((a, b) => a - b)[1]).toBeLessThan(300);
    expect(tail).toBeLessThan(60);
  });
});
