/** The order of a comparison's columns, and the run that is its first baseline. */
import { describe, expect, it } from 'vitest';
import { constantFirst, openedFrom } from '../../../src/renderer/views/compare/baseline';
import { moved, withFirst } from '../../../src/renderer/views/compare/column-order';
import { run } from '../runs/rows';

const columns = ['a', 'b', 'c'].map((id) => ({ id }));
const idsOf = (list: readonly { id: string }[]): string => list.map(({ id }) => id).join('');

describe('the columns', () => {
  it('move by places, at most to either end', () => {
    expect(idsOf(moved(columns, 'a', 1))).toBe('bac');
    expect(idsOf(moved(columns, 'c', -1))).toBe('acb');
    expect(idsOf(moved(columns, 'a', -1))).toBe('abc');
    expect(idsOf(moved(columns, 'b', 9))).toBe('acb');
  });

  it('keep their order behind a new baseline', () => {
    expect(idsOf(withFirst(columns, 'c'))).toBe('cab');
    expect(idsOf(withFirst(columns, 'x'))).toBe('abc');
  });
});

describe('the baseline', () => {
  const [plus, constant, other] = [
    run({ id: 'p', preset: 'efficienttrain++' }),
    run({ id: 'k', preset: 'constant' }),
    run({ id: 'o', preset: 'constant', model: 'resnet50' }),
  ];

  it('is the first constant run of those chosen, else the one chosen first', () => {
    expect(idsOf(constantFirst([plus, constant, other]))).toBe('kpo');
    expect(idsOf(constantFirst([plus]))).toBe('p');
  });

  it('of a comparison opened from one run is the constant run of the same dataset, model and size', () => {
    expect(idsOf(openedFrom(plus, [other, constant, plus]))).toBe('kp');
    expect(idsOf(openedFrom(plus, [other, plus]))).toBe('p');
    expect(idsOf(openedFrom(constant, [other, plus]))).toBe('k');
    expect(idsOf(openedFrom(plus, [{ ...constant, step: 0 }]))).toBe('p');
  });
});
