/** Writes the numbers behind the picture of accuracies, in full. Pure. */
import { csvCell } from '../../../shared/csv-cell';
import type { AccuracyPoint, Cost } from './accuracy-points';

const HEADS: Readonly<Record<Cost, string>> = { time: 'seconds', compute: 'multiply_adds' };

/** @param points with their costs in seconds or multiply-adds */
export function accuracyCsv(points: readonly AccuracyPoint[], cost: Cost): string {
  const head = ['name', 'model', 'method', 'equivalent_epochs', 'n', HEADS[cost], `${HEADS[cost]}_std`];
  const rows = points.map(({ name, model, row, runs, x, spreadX, y, spreadY }) => [
    ...[name, model, row?.method ?? runs[0]?.preset ?? null, row?.epochs ?? runs[0]?.equivalent_epochs ?? null],
    ...[row ? 1 : runs.length, x, spreadX, y, spreadY, row?.paper ?? runs.map((run) => run.name).join(' ')],
  ]);
  return [[...head, 'top1', 'top1_std', 'source'], ...rows]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');
}
