/** Writes the table as a file: as it is filtered and sorted, with full precision. */
import type { RunSummary } from '../../../shared/contract/runs';
import { csvCell } from '../../../shared/csv-cell';
import { shownState } from '../../../shared/run-state';

const FIELDS: readonly [string, (run: RunSummary) => string | number | null][] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['state', shownState],
  ['model', ({ model }) => model],
  ['dataset', ({ dataset_name, dataset }) => dataset_name ?? dataset],
  ['preset', ({ preset }) => preset],
  ['size', ({ size }) => size],
  ['seed', ({ seed }) => seed],
  ['best_metric', ({ best }) => best?.metric ?? null],
  ['best', ({ best }) => best?.value ?? null],
  ['step', ({ step }) => step],
  ['steps', ({ steps }) => steps],
  ['seconds', ({ wall_seconds }) => wall_seconds],
  ['equivalent_epochs', ({ equivalent_epochs }) => equivalent_epochs],
  ['created', ({ created }) => created],
  ['ended', ({ ended }) => ended],
  ['tags', ({ tags }) => tags.join(' ')],
];

export const runsCsv = (runs: readonly RunSummary[]): string =>
  [FIELDS.map(([name]) => name), ...runs.map((run) => FIELDS.map(([, read]) => csvCell(read(run))))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
