/** Runs of one configuration are grouped. */
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { rowsOf, type Row } from '../../../src/renderer/views/runs/filter';
import { groupRuns, linesOf } from '../../../src/renderer/views/runs/run-groups';
import { run } from './rows';

const rows = (...runs: readonly Partial<RunSummary>[]): Row[] =>
  rowsOf(
    runs.map((fields, at) => run({ id: `r${at}`, ...fields })),
    String,
  );
const best = (value: number): RunSummary['best'] => ({ metric: 'val/top1', value, step: 1 });

describe('groups of runs', () => {
  const groups = groupRuns(
    rows(
      { seed: 2, best: best(0.8) },
      { preset: 'constant', best: best(0.5) },
      { seed: 0, best: best(0.7) },
      { seed: 0, best: best(0.1) },
      { seed: 1, best: best(0.2), state: 'running' },
    ),
  );

  it('have what is the same but for the seed, in the order of their first run', () => {
    expect(groups.map(({ rows: own }) => own.map((row) => row.run.id))).toEqual([['r0', 'r2', 'r3', 'r4'], ['r1']]);
    expect(groups.map(({ seeds }) => seeds)).toEqual([[0, 1, 2], [0]]);
  });

  it('have the mean and the spread of completed runs, one for each seed', () => {
    const [several, one] = groups.map((group) => group.best);
    expect(several?.mean).toBeCloseTo(0.75);
    // This is the sample standard deviation of 0.8 and 0.7.
    expect(several?.std).toBeCloseTo(0.0707107);
    expect([several?.count, one]).toEqual([2, { metric: 'val/top1', mean: 0.5, std: null, count: 1 }]);
    expect(groupRuns(rows({ best: null }))[0]?.best).toBeNull();
  });

  it('are other groups for another length, size or dataset', () => {
    expect(groupRuns(rows({}, { equivalent_epochs: 50 }, { size: 96 }, { dataset: 'd2' }))).toHaveLength(4);
  });

  it('are lines of the table under a head', () => {
    const lines = linesOf(groups, 5);
    expect(lines.map(({ index }) => index)).toEqual([null, 0, 1, 2, 3, null, 4]);
    expect(lines[5]?.group?.first.id).toBe('r1');
    expect(linesOf(null, 2).map(({ index }) => index)).toEqual([0, 1]);
  });
});
