/** Runs side by side: what was configured differently, what came out, and what the same accuracy has cost each of them. */
import { withLaterFields } from '../../shared/run-config';
import { flatten } from '../../shared/run-config-resolve';
import { computeSpent, seriesNames } from '../store/metrics';
import type { Store } from '../store/open';
import type { Run } from '../store/runs';
import { SummaryReader, type SeriesSummary } from '../store/summary';

export interface ComparedRun {
  id: string;
  name: string;
  state: string;
  model: string;
  dataset: string;
  preset: string;
  step: number;
  steps: number;
  seconds: number;
  equivalent_epochs: number;
  /** Compute until its last step. */
  equivalent_epochs_done: number;
  best: Run['best'];
}

export interface ComparedMetric extends Pick<SeriesSummary, 'count' | 'last' | 'last_step' | 'min' | 'max'> {
  /** The lower one of a loss, the higher one of an accuracy or a throughput; null where neither is better. */
  best: number | null;
  best_step: number | null;
  /** Against the baseline; null for what one of the two doesn't have. */
  delta_last: number | null;
  delta_best: number | null;
}

export interface Cost {
  step: number;
  seconds: number;
  equivalent_epochs: number;
  /** Baseline's over this run's: above 1 is cheaper. */
  speedup_seconds: number | null;
  speedup_compute: number | null;
}

export interface Comparison {
  /** Id. */
  baseline: string;
  runs: ComparedRun[];
  /** Dotted field -> run id -> value, where not all are equal. */
  config_differences: Record<string, Record<string, unknown>>;
  /** Metric -> run id -> figures; null where a run doesn't have it. */
  metrics: Record<string, Record<string, ComparedMetric | null>>;
  /** What an accuracy has cost each run that has reached it; null where none was chosen and a run has none. */
  same_accuracy: { metric: string; value: number; runs: Record<string, Cost> } | null;
}

const ACCURACY = 'val/top1';
const LOWER_IS_BETTER = /(^|\/)loss/;
const HIGHER_IS_BETTER = /(^|\/)top[15]|^throughput$/;

const byRun = <T>(runs: readonly Run[], make: (run: Run) => T): Record<string, T> =>
  Object.fromEntries(runs.map((run) => [run.id, make(run)]));

/** @param runs baseline first @param accuracy what they are compared at; null: the highest that all have reached */
export function compareRuns(store: Store, runs: readonly [Run, ...Run[]], accuracy: number | null = null): Comparison {
  const reader = new SummaryReader(store);
  const names = [...new Set(runs.flatMap((run) => seriesNames(store, run.id)))].sort();
  return {
    baseline: runs[0].id,
    runs: runs.map((run) => comparedRun(run, computeSpent(store, run.id))),
    config_differences: configDifferences(runs),
    metrics: Object.fromEntries(names.map((name) => [name, compareMetric(reader, runs, name)])),
    same_accuracy: sameAccuracy(reader, runs, accuracy),
  };
}

function comparedRun(run: Run, equivalent_epochs_done: number): ComparedRun {
  const { id, name, state, model, dataset_id, config, step, steps, wall_seconds, plan, best } = run;
  return {
    ...{ id, name, state, model, dataset: dataset_id, preset: config.schedule.preset, step, steps, seconds: wall_seconds, best },
    ...{ equivalent_epochs: plan.totals.equivalent_epochs, equivalent_epochs_done },
  };
}

/** Dotted field -> value. */
export const fieldsOf = ({ config }: Run): Record<string, unknown> => flatten(withLaterFields(config));

/** A field that a run doesn't have is null. Names always differ and say nothing. */
export function configDifferences(runs: readonly Run[]): Comparison['config_differences'] {
  const configs = new Map(runs.map((run) => [run.id, fieldsOf(run)]));
  const fields = [...new Set([...configs.values()].flatMap((config) => Object.keys(config)))]
    .filter((field) => field !== 'name')
    .sort();
  const valuesOf = (field: string): Record<string, unknown> => byRun(runs, ({ id }) => configs.get(id)?.[field] ?? null);
  const differs = (field: string): boolean =>
    new Set(Object.values(valuesOf(field)).map((value) => JSON.stringify(value))).size > 1;
  return Object.fromEntries(fields.filter(differs).map((field) => [field, valuesOf(field)]));
}

function compareMetric(reader: SummaryReader, runs: readonly Run[], name: string): Record<string, ComparedMetric | null> {
  const summaries = new Map(runs.map(({ id }) => [id, reader.summary(id, name)]));
  const bestOf = (summary: SeriesSummary): { best: number | null; best_step: number | null } => {
    if (LOWER_IS_BETTER.test(name)) return { best: summary.min, best_step: summary.min_step };
    if (HIGHER_IS_BETTER.test(name)) return { best: summary.max, best_step: summary.max_step };
    return { best: null, best_step: null };
  };
  const base = summaries.get(runs[0]?.id ?? '') ?? null;
  const baseBest = base && bestOf(base).best;
  return byRun(runs, ({ id }) => {
    const summary = summaries.get(id);
    if (!summary) return null;
    const { count, last, last_step, min, max } = summary;
    const best = bestOf(summary);
    return {
      count,
      last,
      last_step,
      min,
      max,
      ...best,
      delta_last: base && last - base.last,
      delta_best: baseBest === null || best.best === null ? null : best.best - baseBest,
    };
  });
}

function highestOfAll(reader: SummaryReader, runs: readonly Run[]): number | null {
  const highest = runs.map(({ id }) => reader.summary(id, ACCURACY)?.max);
  return highest.includes(undefined) ? null : Math.min(...(highest as number[]));
}

function sameAccuracy(reader: SummaryReader, runs: readonly [Run, ...Run[]], chosen: number | null): Comparison['same_accuracy'] {
  const value = chosen ?? highestOfAll(reader, runs);
  if (value === null) return null;
  const reached = new Map(runs.map(({ id }) => [id, reader.firstReaching(id, ACCURACY, value)]));
  const base = reached.get(runs[0].id);
  const costs = runs.flatMap(({ id }): [string, Cost][] => {
    const at = reached.get(id);
    if (!at) return [];
    const ratio = (ours: number, theirs: number | undefined): number | null =>
      ours > 0 && theirs !== undefined ? theirs / ours : null;
    const { step, wall_ms, equivalent_epochs } = at;
    return [
      [
        id,
        {
          step,
          seconds: wall_ms / 1000,
          equivalent_epochs,
          speedup_seconds: ratio(wall_ms, base?.wall_ms),
          speedup_compute: ratio(equivalent_epochs, base?.equivalent_epochs),
        },
      ],
    ];
  });
  return { metric: ACCURACY, value, runs: Object.fromEntries(costs) };
}
