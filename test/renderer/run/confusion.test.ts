import { describe, expect, it } from 'vitest';
import { CELL_SIZES, classRows, Confusion, fittingSize } from '../../../src/renderer/views/run/confusion';

const perClass = [
  { correct: 3, count: 4 },
  { correct: 0, count: 0 },
  { correct: 1, count: 5 },
];
const matrix = new Confusion({ per_class: perClass, confusion: [0, 0, 3, 0, 2, 1, 2, 2, 1, 2, 0, 4] });

describe('a confusion matrix', () => {
  it('is read from its cells that are not empty', () => {
    expect([matrix.at(0, 0), matrix.at(0, 2), matrix.at(2, 0), matrix.at(1, 1)]).toEqual([3, 1, 4, 0]);
    expect(matrix.share(2, 0)).toBe(0.8);
    expect(matrix.share(1, 0)).toBe(0);
  });

  it('knows the most frequent mistakes', () => {
    expect(matrix.mistakes(5)).toEqual([
      { label: 2, prediction: 0, count: 4, share: 0.8 },
      { label: 0, prediction: 2, count: 1, share: 0.25 },
    ]);
    expect(matrix.mistakes(1)).toHaveLength(1);
  });

  it('of a thousand classes is made and searched at once', () => {
    const many = Array.from({ length: 1000 }, () => ({ correct: 40, count: 50 }));
    const cells = many.flatMap((_, label) => [label, label, 40, label, (label * 7 + 1) % 1000, 10]);
    const begun = performance.now();
    const large = new Confusion({ per_class: many, confusion: cells });
    expect(large.mistakes(12)).toHaveLength(12);
    // It takes tens of milliseconds; a search of all pairs for each mistake would take a minute.
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('fills its room, and is never smaller than a pixel a cell', () => {
    expect(CELL_SIZES[fittingSize(10, 470)]).toBe(44);
    expect(CELL_SIZES[fittingSize(1000, 500)]).toBe(1);
  });
});

describe('classes', () => {
  const names = ['ten', 'two', 'one'];
  const order = (by: Parameters<typeof classRows>[2]): string[] =>
    classRows(perClass, names, by).map(({ name }) => name);

  it('have the requested order; one without images comes last', () => {
    expect(order('worst')).toEqual(['one', 'ten', 'two']);
    expect(order('best')).toEqual(['ten', 'one', 'two']);
    expect(order('count')).toEqual(['one', 'ten', 'two']);
    expect(order('name')).toEqual(['one', 'ten', 'two']);
    expect(order('given')).toEqual(names);
    expect(classRows(perClass, names, 'given')[1]?.accuracy).toBeNull();
  });

  it('have the interval of so few images, and none without images', () => {
    const [three, none] = classRows(perClass, names, 'given').map(({ interval }) => interval);
    // statsmodels' proportion_confint(3, 4, method='wilson')
    expect(three?.[0]).toBeCloseTo(0.30064, 4);
    expect(three?.[1]).toBeCloseTo(0.95441, 4);
    expect(none).toBeNull();
  });
});
