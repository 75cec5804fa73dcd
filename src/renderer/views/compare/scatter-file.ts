/** Writes the numbers behind a scatter, in full. Pure. */
import { csvCell } from '../../../shared/csv-cell';
import type { RunScatter } from './run-scatter';

export function scatterCsv({ points, x, y }: RunScatter, colour: string): string {
  const [across, up] = [x.quantity.label, y.quantity.label];
  const head = ['run', 'n', colour, across, `${across} std`, up, `${up} std`];
  const rows = points.map((point) => [
    ...[point.group.name, point.group.runs.length, point.category],
    ...[point.x, point.spreadX, point.y, point.spreadY],
  ]);
  return [head, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}
