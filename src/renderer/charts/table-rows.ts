/** The rows of the table behind a chart. Pure. */
import type { ChartSeries } from './chart-model';
import type { XAxis } from './curve-data';

export interface TableRow {
  /** Identifies the row: its step and run. */
  key: string;
  step: number;
  epoch: number;
  equivalent_epochs: number;
  seconds: number;
  /** Values by series; null where it has none at this step. */
  values: (number | null)[];
}

/** Series of one run have their rows in common; those of another run reach a step at another time. */
const runOf = ({ source, id }: ChartSeries): string => (source ? `run ${source.run}` : `series ${id}`);

/** Returns all steps that any of the series has, in order, between two values of the zoomed axis; runs are apart. */
export function tableRows(
  series: readonly ChartSeries[],
  axis: XAxis,
  range: readonly [number, number] | null,
): TableRow[] {
  const rows = new Map<string, TableRow>();
  series.forEach((entry, column) => {
    const { curve } = entry;
    curve.step.forEach((step, index) => {
      const x = curve[axis][index] as number;
      if (range && (x < range[0] || x > range[1])) return;
      const key = `${step} ${runOf(entry)}`;
      const row = rows.get(key) ?? {
        key,
        ...{ step, epoch: curve.epoch[index] as number, seconds: curve.seconds[index] as number },
        equivalent_epochs: curve.equivalent_epochs[index] as number,
        values: series.map(() => null),
      };
      row.values[column] = curve.mean[index] as number;
      rows.set(key, row);
    });
  });
  return [...rows.values()].sort((a, b) => a.step - b.step);
}
