import { expect, it } from 'vitest';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { mergeRuns } from '../../../src/renderer/stores/merge-runs';

const run = (id: string, created: string, step = 0): RunSummary => ({ id, created, step }) as RunSummary;
const list = [run('c', '2026-03'), run('b', '2026-02'), run('a', '2026-01')];

it('nothing new leaves the very same list, so that nothing is drawn again', () => {
  expect(mergeRuns(list, [])).toBe(list);
});

it('a changed run takes its place, the others stay the objects they were', () => {
  const merged = mergeRuns(list, [run('b', '2026-02', 5)]);
  expect(merged.map(({ id, step }) => [id, step])).toEqual([
    ['c', 0],
    ['b', 5],
    ['a', 0],
  ]);
  expect([merged[0], merged[2]]).toEqual([list[0], list[2]]);
  expect(merged[0]).toBe(list[0]);
});

it('a new run comes to its place by time, then by id', () => {
  const merged = mergeRuns(list, [run('d', '2026-02'), run('e', '2026-04')]);
  expect(merged.map(({ id }) => id)).toEqual(['e', 'c', 'b', 'd', 'a']);
});
