/** Chooses the series of a run's charts. Pure. */
import type { Curve } from '../../../shared/contract/metrics';
import type { RunDetails } from '../../../shared/contract/runs';
import type { ChartSeries } from '../../charts/chart-model';
import type { CurveSet } from '../../charts/curve-merge';
import { seriesStyle } from '../../charts/series-style';

/** Maps a name in the store to its label's key and its style. `shift`: colours after the run's own. */
interface Part {
  name: string;
  label: string;
  shift: number;
  dash?: ChartSeries['dash'];
  smooth?: boolean;
  off?: boolean;
  /**
   * Whether each stage is a line of its own, for series measured at the stage's size. Series that are always smoothed
   * are.
   */
  staged?: boolean;
}

export interface ChartPart {
  id: string;
  unit: string;
  parts: readonly Part[];
  /** Whether a logarithmic axis makes sense. */
  log: boolean;
  stacked?: boolean;
}

/** Measured series are drawn as they are; only noisy ones are smoothed. */
const val = (name: string, label: string, shift: number, more: Partial<Part> = {}): Part => ({
  ...{ name, label, shift, smooth: false },
  ...more,
});

export const LARGE: readonly ChartPart[] = [
  {
    ...{ id: 'loss', unit: '', log: true },
    parts: [
      { name: 'train/loss', label: 'train', shift: 0 },
      val('val/loss', 'val_raw', 1),
      val('val/loss_ema', 'val_ema', 2, { dash: 'dashed' }),
      val('val/loss_stage', 'val_stage', 3, { dash: 'dotted', staged: true }),
    ],
  },
  {
    ...{ id: 'accuracy', unit: '%', log: false },
    parts: [
      { name: 'train/top1', label: 'train', shift: 0 },
      val('val/top1', 'val_raw', 1),
      val('val/top1_ema', 'val_ema', 2, { dash: 'dashed' }),
      val('val/top1_stage', 'val_stage', 3, { dash: 'dotted', staged: true }),
      val('val/top5', 'val_top5', 4, { off: true }),
      val('val/top5_ema', 'val_top5_ema', 5, { dash: 'dashed', off: true }),
    ],
  },
  {
    ...{ id: 'knn', unit: '%', log: false },
    parts: [val('val/knn_top1', 'val_raw', 1), val('val/knn_top1_ema', 'val_ema', 2, { dash: 'dashed' })],
  },
];

/**
 * Returns the large charts of a run: the one with its headline metric is there from the start, and the others where the
 * run has recorded some of their series. @param headline null: not known yet
 */
export const largeCharts = (recorded: readonly string[], headline: string | null): readonly ChartPart[] =>
  LARGE.filter(
    ({ id, parts }) => id === 'loss' || parts.some(({ name }) => name === headline || recorded.includes(name)),
  );

export const SMALL: readonly ChartPart[] = [
  { id: 'lr', unit: '', log: true, parts: [{ name: 'lr', label: 'lr', shift: 0, smooth: false }] },
  { id: 'grad_norm', unit: '', log: true, parts: [{ name: 'grad_norm', label: 'grad_norm', shift: 0 }] },
  { id: 'throughput', unit: 'img/s', log: false, parts: [{ name: 'throughput', label: 'throughput', shift: 0 }] },
  {
    ...{ id: 'time', unit: 'ms', log: false, stacked: true },
    parts: [
      { name: 'compute_ms', label: 'device', shift: 0 },
      { name: 'loader_wait_ms', label: 'loader', shift: 1 },
    ],
  },
  { id: 'memory', unit: 'MB', log: false, parts: [{ name: 'memory_mb', label: 'memory', shift: 0, smooth: false }] },
];

export const CHARTS = [...LARGE, ...SMALL];
export const SERIES_NAMES = [...new Set(CHARTS.flatMap(({ parts }) => parts.map(({ name }) => name)))];
/** Always fetched: its rows map steps to epochs, compute and seconds for all charts. */
const CLOCK = 'train/loss';

/** Returns the series of some charts; none where no chart is requested. */
export function namesOf(charts: ReadonlySet<string>): readonly string[] {
  const names = CHARTS.filter(({ id }) => charts.has(id)).flatMap(({ parts }) => parts.map(({ name }) => name));
  return names.length ? [...new Set([CLOCK, ...names])] : [];
}

const none = (name: string): Curve => ({
  ...{ name, width: 1, step: [], mean: [], min: [], max: [], epoch: [], equivalent_epochs: [], seconds: [] },
  ...{ not_finite: 0, gaps: [] },
});

/**
 * Returns the series that the run has recorded. The first of each chart is there from the start, so that its frame
 * shows before there are points.
 */
export function seriesOf(
  chart: ChartPart,
  curves: CurveSet,
  { summary, plan }: Pick<RunDetails, 'summary' | 'plan'>,
  ends: readonly number[],
  label: (key: string) => string,
): ChartSeries[] {
  return chart.parts
    .filter(({ name }, index) => index === 0 || curves.has(name))
    .map((part): ChartSeries => {
      const { token } = seriesStyle(summary.series + part.shift);
      return {
        ...{ id: part.name, label: label(part.label), token, dash: part.dash ?? 'solid', marker: 'circle' },
        ...{ curve: curves.get(part.name) ?? none(part.name), smooth: part.smooth ?? true, off: part.off ?? false },
        ...{ span: plan.totals.steps, source: { run: summary.id, name: part.name } },
        ...((part.staged ?? part.smooth ?? true) ? { ends } : {}),
      };
    });
}
