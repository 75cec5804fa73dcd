/** The filter of the runs table in its address. */
import { describe, expect, it } from 'vitest';
import { STANDARD_LAYOUT, sortedBy } from '../../../src/renderer/views/runs/columns';
import { NO_CHOICE } from '../../../src/renderer/views/runs/filter';
import { filterOf, queryOf, toggled } from '../../../src/renderer/views/runs/filter-address';

describe('the filter in the address', () => {
  it('comes back as it was, and an empty one leaves the address empty', () => {
    const filter = {
      text: 'deit',
      shelf: 'archived',
      chosen: { ...NO_CHOICE, model: ['a', 'b'], tag: ['x'] },
    } as const;
    expect(queryOf(filter)).toEqual({ q: 'deit', shelf: 'archived', model: ['a', 'b'], tag: ['x'] });
    expect(filterOf(queryOf(filter))).toEqual(filter);
    expect(queryOf(filterOf({}))).toEqual({});
  });

  it('takes one value as a list, and ignores what it does not know', () => {
    expect(filterOf({ model: 'a', shelf: 'nowhere', state: [null, ''] })).toMatchObject({
      ...{ shelf: 'present', chosen: { model: ['a'], state: [] } },
    });
  });

  it('toggles one value of a facet', () => {
    const filter = filterOf({ model: ['a', 'b'] });
    expect(toggled(filter, 'model', 'a').model).toEqual(['b']);
    expect(toggled(filter, 'tag', 'x')).toMatchObject({ model: ['a', 'b'], tag: ['x'] });
  });
});

it('a second click on a column turns its order around', () => {
  const first = sortedBy(STANDARD_LAYOUT.sort, 'best');
  expect([first, sortedBy(first, 'best')]).toEqual([
    { by: 'best', descending: true },
    { by: 'best', descending: false },
  ]);
  expect(sortedBy(first, 'name')).toEqual({ by: 'name', descending: false });
});
