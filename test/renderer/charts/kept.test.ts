import { describe, expect, it } from 'vitest';
import { kept } from '../../../src/renderer/charts/kept';
import { curveOf } from './support';

describe('a list that is worked out again', () => {
  const curve = curveOf([1, 2, 3]);
  const list = () => [{ id: 'loss', curve, source: { run: 'r', name: 'train/loss' } }];

  it('stays the same object where nothing has changed', () => {
    const before = list();
    expect(kept(before, list())).toBe(before);
  });

  it('is the new one where a field, a field of a field, a curve or its length has changed', () => {
    const before = list();
    const others = [
      [{ ...before[0], id: 'other' }],
      [{ ...before[0], source: { run: 'r', name: 'val/loss' } }],
      [{ ...before[0], curve: curveOf([1, 2, 3]) }],
      [{ ...before[0], more: 1 }],
      [],
      [...before, ...before],
    ];
    for (const after of others) expect(kept<object>(before, after)).toBe(after);
    expect(kept(undefined, before)).toBe(before);
  });
});
