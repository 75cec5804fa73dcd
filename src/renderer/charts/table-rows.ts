/** The rows of the table behind a chart. Pure. */
import type { ChartSeries } from './chart-model';
import type { XAxis } from './curve-data';

export interface TableRow {
  step: number;
  epoch: number;
  equivalent_epochs: number;
  seconds: number;
  /** Values by series; null where it has none at this step. */
  values: (number | null)[];
}

/** Returns all steps that any of the series has, in order, between two values of the zoomed axis. */
export function tableRows(
  series: readonly ChartSeries[],
  axis: XAxis,
  range: readonly [number, number] | null,
): TableRow[] {
  const rows = new Map<number, TableRow>();
  series.forEach(({ curve }, column) => {
    curve.step.forEach((step, index) => {
      const x = curve[axis][index] as number;
      if (range && (x < range[0] || x > range[1])) return;
      const row = rows.get(step) ?? {
        ...{ step, epoch: curve.epoch[index] as number, seconds: curve.seconds[index] as number },
        equivalent_epochs: curve.equivalent_epochs[index] as number,
        values: series.map(() => null),
      };
      row.values[column] = curve.mean[index] as number;
      rows.set(step, row);
    });
  });
  return [...rows.values()].sort((a, b) => a.step - b.step);
}
