/**
 * The quantities that runs record: name, unit, and which way is better. A series is called `val/top1`, `val/top1_ema`
 * (of the EMA weights), `val/top1_stage` (at the size that the stage trains at), `train/loss`, or by its quantity alone
 * (`throughput`). Loop, store, charts, comparison and command line use these definitions.
 */
export type Direction = 'higher' | 'lower';

/** `fraction` is shown in percent, and its differences in percentage points. */
export type Unit = 'fraction' | 'img/s' | 'ms' | 'MB' | 'count' | '';

export interface Metric {
  id: string;
  /** Name in English; the window translates by id. */
  name: string;
  unit: Unit;
  /** The better direction; null where neither is better. */
  better: Direction | null;
}

const METRICS: readonly Metric[] = [
  { id: 'loss', name: 'loss', unit: '', better: 'lower' },
  { id: 'top1', name: 'top-1', unit: 'fraction', better: 'higher' },
  { id: 'top5', name: 'top-5', unit: 'fraction', better: 'higher' },
  { id: 'knn_top1', name: 'k-NN top-1', unit: 'fraction', better: 'higher' },
  { id: 'throughput', name: 'throughput', unit: 'img/s', better: 'higher' },
  { id: 'compute_ms', name: 'compute time', unit: 'ms', better: 'lower' },
  { id: 'loader_wait_ms', name: 'loader wait', unit: 'ms', better: 'lower' },
  { id: 'memory_mb', name: 'memory', unit: 'MB', better: 'lower' },
  { id: 'lr', name: 'learning rate', unit: '', better: null },
  { id: 'grad_norm', name: 'gradient norm', unit: '', better: null },
  { id: 'epoch', name: 'epoch', unit: 'count', better: null },
  { id: 'images', name: 'images measured', unit: 'count', better: null },
];

const BY_ID = new Map(METRICS.map((metric) => [metric.id, metric]));

/** Facts that a series' name contains. */
export interface Series {
  split: string | null;
  metric: Metric;
  variant: 'ema' | 'stage' | null;
}

const NAME = /^(?:(?<split>[a-z0-9]+)\/)?(?<id>.+?)(?:_(?<variant>ema|stage))?$/;

/** Parses a series' name. A quantity that is not listed has no unit and no direction. */
export function seriesOfName(name: string): Series {
  const { split = null, id = name, variant = null } = NAME.exec(name)?.groups ?? {};
  const metric = BY_ID.get(id) ?? { id, name: id, unit: '', better: null };
  return { split, metric, variant: variant as Series['variant'] };
}

export const metricOf = (name: string): Metric => seriesOfName(name).metric;

/** Says whether `value` is better than `other` in a direction; NaN never is. */
export const isBetter = (value: number, other: number, better: Direction): boolean =>
  better === 'higher' ? value > other : value < other;
