/**
 * Groups runs of the same model, preset, dataset, size and length, with the mean and the spread of their results. Pure.
 */
import type { RunSummary } from '../../../shared/contract/runs';
import { mean, std } from '../compare/spread';
import type { Row } from './filter';

export interface RunGroup {
  key: string;
  /** Rows in the table's order. */
  rows: readonly Row[];
  /** A run that represents the common fields. */
  first: RunSummary;
  /** The seeds of its runs, each once, ascending. */
  seeds: readonly number[];
  /** Best value of the completed runs; null where none is completed. */
  best: { metric: string; mean: number; std: number | null; count: number } | null;
}

/** Returns a key that runs share when they differ in nothing of this but their seed. */
export const setupOf = ({ task, model, preset, dataset, size, equivalent_epochs }: RunSummary): string =>
  JSON.stringify([task, model, preset, dataset, size, Number(equivalent_epochs.toPrecision(6))]);

export interface MeasuredRun extends RunSummary {
  best: NonNullable<RunSummary['best']>;
}

const isMeasured = (run: RunSummary, metric: string | undefined): run is MeasuredRun =>
  run.state === 'completed' && run.best !== null && run.best.metric === metric;

/**
 * Returns the completed runs that are judged by the metric, one for each seed: a repeated seed gives the same result
 * again, and would make the spread look smaller than it is.
 */
export function onePerSeed(runs: readonly RunSummary[], metric: string | undefined): MeasuredRun[] {
  const bySeed = new Map<number, MeasuredRun>();
  for (const run of runs) if (isMeasured(run, metric) && !bySeed.has(run.seed)) bySeed.set(run.seed, run);
  return [...bySeed.values()];
}

function groupOf(key: string, rows: readonly [Row, ...Row[]]): RunGroup {
  const runs = rows.map(({ run }) => run);
  const metric = runs.find(({ best }) => best)?.best?.metric;
  const values = onePerSeed(runs, metric).map(({ best }) => best.value);
  return {
    ...{ key, rows, first: rows[0].run },
    seeds: [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b),
    best:
      metric !== undefined && values.length
        ? { metric, mean: mean(values), std: std(values), count: values.length }
        : null,
  };
}

/** Groups rows, in the order of each group's first row. */
export function groupRuns(rows: readonly Row[]): RunGroup[] {
  const found = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const key = setupOf(row.run);
    const group = found.get(key);
    if (group) group.push(row);
    else found.set(key, [row]);
  }
  return [...found].map(([key, members]) => groupOf(key, members));
}

/** A line of the table: the head of a group, or a run by its index among all runs. */
export type Line = { group: RunGroup; index: null } | { group: null; index: number };

/** @param groups null: every run is a line of its own */
export function linesOf(groups: readonly RunGroup[] | null, runs: number): Line[] {
  const lines: Line[] = [];
  let index = 0;
  for (const group of groups ?? []) {
    lines.push({ group, index: null });
    for (let row = 0; row < group.rows.length; row++) lines.push({ group: null, index: index++ });
  }
  while (index < runs) lines.push({ group: null, index: index++ });
  return lines;
}
