/** Writes the numbers behind parallel axes, in full. Pure. */
import { csvCell } from '../../../shared/csv-cell';
import type { ParallelAxis } from './parallel-model';
import type { SeedGroup } from './seed-groups';

export function parallelCsv(groups: readonly SeedGroup[], axes: readonly ParallelAxis[]): string {
  const rows = groups.map(({ name, runs }, at) => [
    ...[name, runs.length],
    ...axes.map(({ words, values }) => {
      const value = values[at] ?? null;
      return words && value !== null ? (words[value] ?? null) : value;
    }),
  ]);
  return [['run', 'n', ...axes.map(({ label }) => label)], ...rows]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');
}
