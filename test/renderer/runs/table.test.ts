import { describe, expect, it } from 'vitest';
import { actionsOf } from '../../../src/renderer/views/runs/actions';
import {
  COLUMN_IDS,
  MOST_WIDTH,
  readLayout,
  sortRuns,
  STANDARD_LAYOUT,
  type ColumnId,
} from '../../../src/renderer/views/runs/columns';
import { moved, reconciled } from '../../../src/renderer/views/runs/queue-order';
import { all, extend, kept, NOTHING, only, toggle } from '../../../src/renderer/views/runs/selection';
import { csvCell } from '../../../src/shared/csv-cell';
import { runsCsv } from '../../../src/renderer/views/runs/table-file';
import { many, run } from './rows';

const order = (rows: ReturnType<typeof run>[], by: ColumnId, descending: boolean): string[] =>
  sortRuns(
    rows.map((row) => ({ run: row })),
    { by, descending },
  ).map(({ run: { id } }) => id);

describe('sorting', () => {
  it('puts run-2 before run-10', () => {
    expect(order([run({ id: 'x', name: 'run-10' }), run({ id: 'y', name: 'Run-2' })], 'name', false)).toEqual([
      'y',
      'x',
    ]);
  });

  it('keeps what has no value last in both directions', () => {
    const rows = [
      run({ id: 'none' }),
      run({ id: 'low', best: { metric: 'val/top1', value: 0.2, step: 1 } }),
      run({ id: 'high', best: { metric: 'val/top1', value: 0.9, step: 1 } }),
    ];
    expect(order(rows, 'best', true)).toEqual(['high', 'low', 'none']);
    expect(order(rows, 'best', false)).toEqual(['low', 'high', 'none']);
  });

  it('takes no loss for an accuracy', () => {
    const rows = [
      run({ id: 'loss', best: { metric: 'val/loss', value: 3, step: 1 } }),
      run({ id: 'top', best: { metric: 'val/top1', value: 0.1, step: 1 } }),
    ];
    expect(order(rows, 'best', true)).toEqual(['top', 'loss']);
  });

  it('keeps newest first among equal ones, and can sort by every column', () => {
    const rows = many(40);
    expect(order(rows, 'dataset', false).slice(0, 2)).toEqual(['run35', 'run28']);
    for (const by of COLUMN_IDS) expect(order(rows, by, true).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  });
});

describe('a layout that was kept', () => {
  it('is drawn whatever is in it', () => {
    expect(readLayout(null)).toEqual(STANDARD_LAYOUT);
    expect(readLayout({ shown: ['tags', 'zzz'], widths: { tags: 9e9, nothing: 4 }, sort: { by: 'zzz' } })).toEqual({
      ...STANDARD_LAYOUT,
      shown: ['name', 'tags'],
      widths: { tags: MOST_WIDTH },
    });
  });
});

describe('the selection', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const chosen = ({ chosen: set }: { chosen: ReadonlySet<string> }): string[] => [...set];

  it('remembers the order in which rows were chosen', () => {
    expect(chosen(toggle(toggle(NOTHING, 'd'), 'a'))).toEqual(['d', 'a']);
    expect(chosen(toggle(toggle(only('a'), 'b'), 'a'))).toEqual(['b']);
  });

  it('reaches from the anchor, both ways, and shrinks again', () => {
    const down = extend(only('b'), ids, 'd');
    expect(chosen(down)).toEqual(['b', 'c', 'd']);
    expect(chosen(extend(down, ids, 'c'))).toEqual(['b', 'c']);
    expect(chosen(extend(down, ids, 'a'))).toEqual(['b', 'a']);
    expect(chosen(extend(toggle(only('a'), 'c'), ids, 'd', true))).toEqual(['a', 'c', 'd']);
    expect(chosen(extend(NOTHING, ids, 'd'))).toEqual(['d']);
  });

  it('forgets what is gone, and is the same object where nothing is', () => {
    const whole = all(ids);
    expect(kept(whole, new Set(ids))).toBe(whole);
    expect(kept(whole, new Set(['b']))).toEqual({ chosen: new Set(['b']), anchor: null });
  });
});

describe('actions', () => {
  it.each([
    ['running', run({ state: 'running' }), ['pause', 'stop', 'finetune', 'probe', 'clone', 'export', 'archive']],
    ['stopping', run({ state: 'stopping', step: 0 }), ['clone', 'archive']],
    [
      'queued',
      run({ state: 'queued', step: 0, queue_position: 1 }),
      ['start', 'stop', 'unqueue', 'clone', 'archive', 'trash'],
    ],
    ['in no queue', run({ state: 'queued', step: 0 }), ['start', 'stop', 'enqueue', 'clone', 'archive', 'trash']],
    [
      'paused in the queue',
      run({ state: 'paused', step: 0, queue_position: 1 }),
      ['resume', 'unqueue', 'clone', 'archive', 'trash'],
    ],
    ['failed', run({ state: 'failed', step: 0 }), ['resume', 'clone', 'archive', 'trash']],
    ['archived', run({ archived: true }), ['finetune', 'probe', 'clone', 'export', 'unarchive', 'trash']],
    ['trashed', run({ trashed: 'now' }), ['restore', 'purge']],
  ])('of one that is %s', (_, one, expected) => expect(actionsOf([one])).toEqual(expected));

  it('of several are those that any allows, without what means one', () => {
    expect(actionsOf([run({ state: 'running' }), run({ id: 'b' })])).toEqual(['pause', 'stop', 'archive', 'trash']);
  });
});

describe('the queue’s order', () => {
  it('moves and stays within its ends', () => {
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 9)).toEqual(['b', 'c', 'a']);
    expect(moved(['a'], 4, 0)).toEqual(['a']);
  });

  it('takes up what has come and gone since it was asked for', () => {
    expect(reconciled(['c', 'gone', 'a'], ['a', 'new', 'c'])).toEqual(['c', 'a', 'new']);
  });
});

describe('the table as CSV', () => {
  it('quotes, and makes no formula of a name', () => {
    expect(csvCell('a,"b"')).toBe('"a,""b"""');
    expect(csvCell('=1+1')).toBe("'=1+1");
    expect(csvCell(-0.5)).toBe('-0.5');
    expect(csvCell(null)).toBe('');
  });

  it('has a head and a line for each run, with full precision', () => {
    const best = { metric: 'val/top1', value: 0.123456789, step: 3 };
    const [head, line, end] = runsCsv([run({ best, tags: ['x', 'y'] })]).split('\r\n');
    expect(head?.split(',')[8]).toBe('best_metric');
    expect(line).toContain(',0.123456789,');
    expect(line?.endsWith(',x y')).toBe(true);
    expect(end).toBe('');
  });
});
