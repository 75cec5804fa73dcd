import { describe, expect, it } from 'vitest';
import { cellAfter } from '../../../src/renderer/components/grid-keys';

/** The grid has 4 columns: two full rows and a row of two. */
const shape = { total: 10, columns: 4, page: 2 };
const after = (key: string, at: number): number | null => cellAfter(key, at, shape);

describe('keys in a grid', () => {
  it('move by one, and stop at both ends', () => {
    expect([after('ArrowRight', 3), after('ArrowLeft', 4), after('ArrowLeft', 0), after('ArrowRight', 9)]).toEqual([
      4, 3, 0, 9,
    ]);
  });

  it('move by a row in the same column', () => {
    expect([after('ArrowDown', 1), after('ArrowUp', 5), after('ArrowUp', 2)]).toEqual([5, 1, 2]);
  });

  it('reach a last row that is shorter, and stay in it', () => {
    expect([after('ArrowDown', 7), after('ArrowDown', 9), after('ArrowDown', 8)]).toEqual([9, 9, 8]);
  });

  it('move by what is in view, to the first and to the last', () => {
    expect([after('PageDown', 1), after('PageDown', 6), after('PageUp', 9), after('PageUp', 5)]).toEqual([9, 9, 1, 1]);
    expect([after('Home', 7), after('End', 1)]).toEqual([0, 9]);
  });

  it('leave other keys and an empty grid alone', () => {
    expect(after('a', 3)).toBeNull();
    expect(cellAfter('End', 0, { ...shape, total: 0 })).toBeNull();
  });
});
