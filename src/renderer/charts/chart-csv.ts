/** Writes every point behind a chart as CSV. */
import { csvCell } from '../../shared/csv-cell';
import { call } from '../api/client';
import type { ChartSeries } from './chart-model';

const csvLine = (cells: readonly (string | number | null)[]): string => `${cells.map(csvCell).join(',')}\n`;

const PAGE = 5000;

/** Yields every recorded point of the series of one run, side by side. */
async function* linesOf(run: string, names: readonly string[]): AsyncGenerator<(number | null)[]> {
  let after: number | null = null;
  do {
    const page: { rows: (number | null)[][]; next: number | null } = await call('metrics.table', {
      run,
      names: [...names],
      after,
      limit: PAGE,
    });
    yield* page.rows;
    after = page.next;
  } while (after !== null);
}

/**
 * Returns parts of a file. One run: a column per series, every point from the store. Several runs: a row per point with
 * the series' name, because their steps are unrelated.
 */
export async function csvOf(series: readonly ChartSeries[]): Promise<string[]> {
  const runs = new Set(series.map(({ source }) => source?.run));
  const [run] = runs;
  if (runs.size === 1 && run !== undefined) {
    const parts = [csvLine(['step', 'seconds', 'equivalent_epochs', ...series.map(({ label }) => label)])];
    const names = series.map(({ source }) => source?.name ?? '');
    for await (const row of linesOf(run, names)) parts.push(csvLine(row));
    return parts;
  }
  const parts = [csvLine(['series', 'step', 'seconds', 'equivalent_epochs', 'value'])];
  for (const { label, source, curve } of series) {
    if (source) for await (const row of linesOf(source.run, [source.name])) parts.push(csvLine([label, ...row]));
    else
      curve.step.forEach((step, index) =>
        parts.push(
          csvLine([
            ...[label, step, curve.seconds[index] as number],
            ...[curve.equivalent_epochs[index] as number, curve.mean[index] as number],
          ]),
        ),
      );
  }
  return parts;
}
