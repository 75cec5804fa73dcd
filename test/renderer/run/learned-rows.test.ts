import { describe, expect, it } from 'vitest';
import { learnedRows } from '../../../src/renderer/views/run/learned-rows';

const order = {
  stages: [16, 16, 32].map((bandwidth, stage) => ({
    stage,
    bandwidth,
    step: 10 * stage,
    count: [4, 1, 2][stage] ?? 0,
  })),
  ...{ never: 3, total: 10, unread: 0 },
  per_class: [
    [3, 1, 0, 1],
    [1, 0, 2, 2],
  ],
};
const counts = (row: { groups: { count: number }[] } | undefined): number[] | undefined =>
  row?.groups.map(({ count }) => count);

describe('bars of the learning order', () => {
  it('are of all images first, then of each class, with stages of one bandwidth joined', () => {
    const rows = learnedRows(order, 2);
    expect(rows.map(({ label, count }) => [label, count])).toEqual([
      [null, 10],
      [0, 5],
      [1, 5],
    ]);
    expect(rows[0]?.groups).toEqual([
      { bandwidth: 16, count: 5 },
      { bandwidth: 32, count: 2 },
      { bandwidth: null, count: 3 },
    ]);
    expect([counts(rows[1]), counts(rows[2])]).toEqual([
      [4, 0, 1],
      [1, 2, 2],
    ]);
  });

  it('of a class without validation images are empty; without the dataset there is one bar', () => {
    const rows = learnedRows(order, 3);
    expect([rows[3]?.count, counts(rows[3])]).toEqual([0, [0, 0, 0]]);
    expect(learnedRows({ ...order, per_class: [] }, 0).map(({ label }) => label)).toEqual([null]);
  });
});
