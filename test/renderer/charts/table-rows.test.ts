import { describe, expect, it } from 'vitest';
import { csvCell } from '../../../src/shared/csv-cell';
import { tableRows } from '../../../src/renderer/charts/table-rows';
import type { ChartSeries } from '../../../src/renderer/charts/chart-model';
import { curveOf } from './support';

const series = (id: string, step: number[], values: number[]): ChartSeries => ({
  ...{ id, label: id, token: '--series-0', dash: 'solid', marker: 'circle', curve: curveOf(values, { step }) },
  source: { run: 'a', name: id },
});

describe('the table behind a chart', () => {
  const rows = tableRows([series('train', [1, 2, 3], [5, 4, 3]), series('val', [2, 4], [9, 8])], 'step', null);

  it('has a row for every step that any series has, in order', () => {
    expect(rows.map(({ step, values }) => [step, ...values])).toEqual([
      [1, 5, null],
      [2, 4, 9],
      [3, 3, null],
      [4, null, 8],
    ]);
    expect(rows[1]).toMatchObject({ seconds: 0.2, equivalent_epochs: 0.01 });
  });

  it('keeps to what is zoomed', () => {
    const zoomed = tableRows([series('train', [1, 2, 3], [5, 4, 3])], 'seconds', [0.15, 0.25]);
    expect(zoomed.map(({ step }) => step)).toEqual([2]);
  });

  it('keeps runs apart, because each reaches a step at its own time', () => {
    const of = (run: string, seconds: number[], values: number[]): ChartSeries => ({
      ...series(run, [1, 2], values),
      ...{ curve: curveOf(values, { step: [1, 2], seconds }), source: { run, name: 'train/loss' } },
    });
    const apart = tableRows([of('a', [1, 2], [5, 4]), of('b', [3, 6], [7, 6])], 'step', null);
    expect(apart.map(({ step, seconds, values }) => [step, seconds, ...values])).toEqual([
      [1, 1, 5, null],
      [1, 3, null, 7],
      [2, 2, 4, null],
      [2, 6, null, 6],
    ]);
    expect(new Set(apart.map(({ key }) => key)).size).toBe(4);
  });

  it('quotes cells as CSV has it', () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect([csvCell(null), csvCell(0.1), csvCell('plain')]).toEqual(['', '0.1', 'plain']);
  });
});
