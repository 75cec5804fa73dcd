/** Results of transferred weights: sources by datasets, beside runs of the same model from random weights. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';
import { beyondSpread, mean, std } from '../compare/spread';

/** Runs of one recipe and length that differ in their seeds. */
export interface Cell {
  runs: readonly RunSummary[];
  mean: number;
  /** Standard deviation over seeds; null for one run. */
  std: number | null;
  /** Runs of other recipes or lengths in this place, which are not part of the mean. */
  others: readonly RunSummary[];
}

export interface Column {
  key: string;
  dataset: string;
  dataset_name: string | null;
  task: string;
}

export interface Row {
  key: string;
  /** Origin of the weights: `run:ID`, the path of a file, or null: random weights. */
  source: string | null;
  model: string;
  /** Cells by the column's key. */
  cells: ReadonlyMap<string, Cell>;
}

export interface Matrix {
  columns: Column[];
  rows: Row[];
}

const TASKS = ['classify', 'probe'];

const columnOf = ({ dataset, dataset_name, task }: RunSummary): Column => ({
  ...{ key: `${dataset} ${task}`, dataset, dataset_name, task },
});

const sourceOf = ({ init, parent }: RunSummary): string | null => (parent ? `run:${parent.run}` : init);

const isMeasured = ({ task, best, trashed }: RunSummary): boolean =>
  TASKS.includes(task) && best !== null && trashed === null;

/** Returns recipe and length, which runs have to share for a meaningful mean. */
const recipeOf = ({ preset, size, equivalent_epochs }: RunSummary): string =>
  [preset, size, equivalent_epochs.toPrecision(3)].join(' ');

const valuesOf = ({ runs }: Pick<Cell, 'runs'>): number[] => runs.flatMap(({ best }) => (best ? [best.value] : []));

/**
 * Chooses the recipe with the most seeds, and of those the one that was run last. The repetition of a seed adds
 * nothing.
 */
function cellOf(runs: readonly RunSummary[]): Cell {
  const recipes = [...Map.groupBy(runs, recipeOf).values()].map((same) => [
    ...new Map(same.map((run) => [run.seed, run])).values(),
  ]);
  const newest = (same: readonly RunSummary[]): string =>
    same
      .map(({ created }) => created)
      .toSorted()
      .at(-1) ?? '';
  const [chosen = []] = recipes.toSorted((a, b) => b.length - a.length || newest(b).localeCompare(newest(a)));
  const values = valuesOf({ runs: chosen });
  return { runs: chosen, mean: mean(values), std: std(values), others: runs.filter((run) => !chosen.includes(run)) };
}

/**
 * Makes the rows from trained weights, the newest first, each followed by the model's runs from random weights; and
 * only columns that such rows have.
 */
export function transferMatrix(runs: readonly RunSummary[]): Matrix {
  const measured = runs.filter(isMeasured);
  const moved = measured.filter((run) => sourceOf(run) !== null);
  const columns = [...new Map(moved.map(columnOf).map((column) => [column.key, column])).values()];
  const models = new Set(moved.map(({ model }) => model));
  const datasets = new Set(columns.map(({ dataset }) => dataset));
  // A classifier of random features has no counterpart in training from scratch: probes have a column of their own.
  const scratch = measured.filter(
    (run) => sourceOf(run) === null && run.task === 'classify' && models.has(run.model) && datasets.has(run.dataset),
  );
  for (const run of scratch) if (!columns.some(({ key }) => key === columnOf(run).key)) columns.push(columnOf(run));
  columns.sort((a, b) => a.dataset.localeCompare(b.dataset) || TASKS.indexOf(a.task) - TASKS.indexOf(b.task));
  const grouped = Map.groupBy([...moved, ...scratch], (run) => `${sourceOf(run) ?? ''}\n${run.model}`);
  const rows = [...grouped].map(([key, own]): Row => {
    const [first] = own as [RunSummary, ...RunSummary[]];
    const cells = [...Map.groupBy(own, (run) => columnOf(run).key)].map(([column, here]): [string, Cell] => [
      column,
      cellOf(here),
    ]);
    return { key, source: sourceOf(first), model: first.model, cells: new Map(cells) };
  });
  return { columns, rows };
}

/**
 * Returns the highest mean of a column, where it exceeds the next by more than the spread of the seeds; null elsewhere.
 */
export function bestOf({ rows }: Matrix, column: string): number | null {
  const cells = rows.flatMap(({ cells: own }) => own.get(column) ?? []).toSorted((a, b) => b.mean - a.mean);
  const [first, second] = cells;
  if (!first || !second) return null;
  return beyondSpread(valuesOf(first), valuesOf(second)) === true ? first.mean : null;
}
