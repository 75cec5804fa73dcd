import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/shared/contract/compare';
import { overheadNotes } from '../../src/shared/overhead';

type Compared = Comparison['runs'][number];

const run = (
  id: string,
  equivalent_epochs_done: number,
  seconds: number,
  spent: Partial<Compared['time_spent']> = {},
): Compared =>
  ({
    ...{ id, name: id, equivalent_epochs_done, seconds },
    time_spent: { ...{ total: seconds, ideal: 30, small_size: 12, loader: 0.1, other: 4, outside: 13 }, ...spent },
  }) as Compared;

describe('less compute, more time', () => {
  const base = run('constant', 7.6, 53);

  it('is explained by what no compute needs, the most first, without crumbs', () => {
    expect(overheadNotes([run('curriculum', 4.8, 59), base], ['constant', 'curriculum'])).toEqual([
      {
        ...{ id: 'curriculum', name: 'curriculum', seconds: 29, total: 59 },
        parts: [
          ['outside', 13],
          ['small_size', 12],
          ['other', 4],
        ],
      },
    ]);
  });

  it('needs no word where time went with compute, or nothing is known of it', () => {
    expect(overheadNotes([base, run('quick', 4.8, 40), run('more', 9, 70)], ['constant', 'quick', 'more'])).toEqual([]);
    expect(overheadNotes([base, { ...run('new', 0, 60), time_spent: null }], ['constant', 'new'])).toEqual([]);
    expect(overheadNotes([], [])).toEqual([]);
  });

  it('is computed at the same accuracy, whichever of the two is the baseline', () => {
    const [curriculum, constant] = [run('curriculum', 8, 60), run('constant', 8, 58)];
    const costs = new Map([
      ['curriculum', { equivalent_epochs: 4.82, seconds: 59 }],
      ['constant', { equivalent_epochs: 7.62, seconds: 53 }],
    ]);
    for (const order of [
      ['constant', 'curriculum'],
      ['curriculum', 'constant'],
    ]) {
      expect(overheadNotes([constant, curriculum], order, costs).map(({ id }) => id)).toEqual(['curriculum']);
    }
    expect(overheadNotes([constant, curriculum], ['constant', 'curriculum'])).toEqual([]);
    costs.delete('constant');
    expect(overheadNotes([constant, curriculum], ['constant', 'curriculum'], costs)).toEqual([]);
  });
});
