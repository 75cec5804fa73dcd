/** Compares runs: their different fields, their results, and what the same accuracy has cost each of them. */
import {
  marginOf,
  rangeOf,
  reachOf,
  targetOf,
  tooNoisy,
  type CostRange,
  type Evaluated,
  type Reach,
} from '../../../shared/same-accuracy';
import type { ComparedMetric, ComparedRun, Comparison, Cost } from '../../../shared/contract/compare';
import { metricOf } from '../../../shared/metrics';
import { bestOf } from '../../engine/train/best-of';
import { timeSpent, type StageTime } from '../../../shared/time-spent';
import { withLaterFields } from '../../../shared/run-config';
import { flatten } from '../../../shared/run-config-resolve';
import { stageTimes } from '../../store/stages';
import { imagesMeasured } from './class-accuracy';
import { computeSpent, seriesNames } from '../../store/metrics';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { SummaryReader, summaryOf, type SeriesSummary } from '../../store/summary';

const byRun = <T>(runs: readonly Run[], make: (run: Run) => T): Record<string, T> =>
  Object.fromEntries(runs.map((run) => [run.id, make(run)]));

/**
 * Compares runs.
 * @param runs baseline first @param accuracy at which they are compared; null: the level of the weakest, the median of
 * its last three evaluations
 */
export function compareRuns(store: Store, runs: readonly [Run, ...Run[]], accuracy: number | null = null): Comparison {
  const reader = new SummaryReader(store);
  const names = [...new Set(runs.flatMap((run) => seriesNames(store, run.id)))].sort();
  return {
    baseline: runs[0].id,
    runs: runs.map((run) => comparedRun(store, run)),
    config_differences: configDifferences(runs),
    metrics: Object.fromEntries(names.map((name) => [name, compareMetric(reader, runs, name)])),
    same_accuracy: sameAccuracy({ store, reader }, runs, accuracy),
  };
}

function comparedRun(store: Store, run: Run): ComparedRun {
  const { id, name, state, model, dataset_id, config, step, steps, wall_seconds, plan, best } = run;
  return {
    ...{
      id,
      name,
      state,
      model,
      dataset: dataset_id,
      preset: config.schedule.preset,
      step,
      steps,
      seconds: wall_seconds,
      best,
    },
    ...{ equivalent_epochs: plan.totals.equivalent_epochs, equivalent_epochs_done: computeSpent(store, run.id) },
    ...{
      val_images: imagesMeasured(store, id) ?? imagesOf(store, id),
      time_spent: timeSpent(stageTimesOf(store, run), config.size, wall_seconds),
    },
  };
}

/** Returns the number of images for tasks without classes: the last that an evaluation has recorded. */
const imagesOf = (store: Store, runId: string): number | null => summaryOf(store, runId, 'val/images')?.last ?? null;

function stageTimesOf(store: Store, { id, plan }: Run): StageTime[] {
  return stageTimes(store, id).flatMap(({ stage, ...times }) => {
    const { bandwidth } = plan.stages[stage] ?? {};
    return bandwidth === undefined ? [] : [{ bandwidth, ...times }];
  });
}

/** Returns the fields by their dotted names. */
export const fieldsOf = ({ config }: Run): Record<string, unknown> => flatten(withLaterFields(config));

/** Returns the fields that differ; one that a run doesn't have is null. Names always differ and are left out. */
export function configDifferences(runs: readonly Run[]): Comparison['config_differences'] {
  const configs = new Map(runs.map((run) => [run.id, fieldsOf(run)]));
  const fields = [...new Set([...configs.values()].flatMap((config) => Object.keys(config)))]
    .filter((field) => field !== 'name')
    .sort();
  const valuesOf = (field: string): Record<string, unknown> =>
    byRun(runs, ({ id }) => configs.get(id)?.[field] ?? null);
  const differs = (field: string): boolean =>
    new Set(Object.values(valuesOf(field)).map((value) => JSON.stringify(value))).size > 1;
  return Object.fromEntries(fields.filter(differs).map((field) => [field, valuesOf(field)]));
}

function compareMetric(
  reader: SummaryReader,
  runs: readonly Run[],
  name: string,
): Record<string, ComparedMetric | null> {
  const summaries = new Map(runs.map(({ id }) => [id, reader.summary(id, name)]));
  const bestOf = (summary: SeriesSummary): { best: number | null; best_step: number | null } => {
    const { better } = metricOf(name);
    if (better === 'lower') return { best: summary.min, best_step: summary.min_step };
    if (better === 'higher') return { best: summary.max, best_step: summary.max_step };
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

/** Compares one run's cost with the baseline's. */
function against(
  base: Reach<Evaluated>,
  reach: Reach<Evaluated>,
  what: 'seconds' | 'equivalent_epochs',
): { speedup: number | null; range: CostRange; noisy: boolean } {
  const [theirs, ours] = [base.at?.[what], reach.at?.[what]];
  const range = rangeOf(reach, (point) => point[what]);
  const noisy =
    base !== reach &&
    tooNoisy(
      rangeOf(base, (point) => point[what]),
      range,
    );
  return { speedup: ours !== undefined && ours > 0 && theirs !== undefined ? theirs / ours : null, range, noisy };
}

interface Source {
  store: Store;
  reader: SummaryReader;
}

function sameAccuracy(
  { store, reader }: Source,
  runs: readonly [Run, ...Run[]],
  chosen: number | null,
): Comparison['same_accuracy'] {
  const { metric, better } = bestOf(runs[0].config);
  // Reaching means being at or above the target: a metric that is better when lower is compared by its negative.
  const sign = better === 'higher' ? 1 : -1;
  const spent = (id: string): Evaluated[] =>
    reader.spent(id, metric).map((point) => ({ ...point, value: sign * point.value }));
  const points = new Map(runs.map(({ id }) => [id, spent(id)]));
  const lists = [...points.values()];
  const asked = chosen === null ? null : sign * chosen;
  const value = asked ?? (lists.every(({ length }) => length > 0) ? targetOf(lists) : null);
  if (value === null) return null;
  const measured = runs.map(({ id }) => imagesMeasured(store, id)).filter((count) => count !== null);
  // The measuring error is known for shares of images only.
  const images = measured.length && metricOf(metric).unit === 'fraction' ? Math.min(...measured) : null;
  const reaches = new Map(runs.map(({ id }) => [id, reachOf(points.get(id) ?? [], value, images)]));
  const base = reaches.get(runs[0].id);
  const costs = runs.flatMap(({ id }): [string, Cost][] => {
    const reach = reaches.get(id);
    if (!reach?.at || !base) return [];
    const { step, seconds, equivalent_epochs } = reach.at;
    const [time, compute] = [against(base, reach, 'seconds'), against(base, reach, 'equivalent_epochs')];
    return [
      [
        id,
        {
          ...{ step, seconds, equivalent_epochs, speedup_seconds: time.speedup, speedup_compute: compute.speedup },
          ...{ range_seconds: time.range, range_compute: compute.range },
          ...{ noisy_seconds: time.noisy, noisy_compute: compute.noisy },
        },
      ],
    ];
  });
  const margin = images ? marginOf(value, images) : null;
  return { metric, value: sign * value, images, margin, runs: Object.fromEntries(costs) };
}
