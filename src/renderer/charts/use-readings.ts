/** Readings of a chart: the values at the crosshair or the last ones, as text, position and speech. */
import { computed, type ComputedRef, type ShallowRef } from 'vue';
import { i18n } from '../i18n';
import { integer, significant } from '../format/numbers';
import { duration } from '../format/time';
import type { ChartGroup } from './chart-group';
import type { ChartModel, ChartSeries } from './chart-model';
import { nearest, type XAxis } from './curve-data';
import { PLOT, type StageShade } from './line-chart';
import { toShare } from './scale';
import { spreadFormat, valueFormat } from './value-format';

export interface Reading {
  id: string;
  label: string;
  token: string;
  dash: ChartSeries['dash'];
  hidden: boolean;
  /** The value as text, and the exact one. */
  value: string;
  exact: string;
  /** Position of the dot on the line in px; null outside of the frame. */
  top: number | null;
  left: number;
}

/** Values of the legend while no crosshair is shown, other than the last ones: for example the best. */
export interface RestValues {
  /** Word for the value. */
  word: string;
  /** Values by series. */
  values: ReadonlyMap<string, { value: number; spread: number | null }>;
}

export interface ReadInput {
  series: readonly ChartSeries[];
  xAxis: XAxis;
  unit: string;
  log: boolean;
  stacked: boolean;
  stages: readonly StageShade[];
  rest: RestValues | null;
}

export interface ReadState {
  model: ShallowRef<ChartModel | null>;
  size: ShallowRef<{ width: number; height: number }>;
  group: ChartGroup;
  hidden: ComputedRef<ReadonlySet<string>>;
}

export interface Readings {
  readings: ComputedRef<Reading[]>;
  /** Position of the crosshair as text; empty where there is none. */
  where: ComputedRef<string>;
  spoken: ComputedRef<string>;
}

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values);

export function xText(axis: XAxis, value: number): string {
  if (axis === 'seconds') return duration(value);
  return axis === 'step' ? integer(Math.round(value)) : significant(value, 4);
}

export function useReadings(input: ReadInput, { model, size, group, hidden }: ReadState): Readings {
  const format = computed(() => valueFormat(input.unit));
  const withSpread = computed(() => spreadFormat(input.unit));

  function placeOf({ x: xs, y: ys }: ChartModel, x: number, y: number): { top: number | null; left: number } {
    const { width, height } = size.value;
    const share = toShare(input.log ? Math.log10(y) : y, ys);
    const left = PLOT.left + toShare(x, xs) * (width - PLOT.left - PLOT.right);
    const inside = share >= 0 && share <= 1 && left >= PLOT.left - 1 && left <= width - PLOT.right + 1;
    return { left, top: inside && !input.stacked ? PLOT.top + (1 - share) * (height - PLOT.top - PLOT.bottom) : null };
  }

  const written = ({ value, spread }: { value: number; spread: number | null }): Pick<Reading, 'value' | 'exact'> =>
    spread === null
      ? { value: format.value(value), exact: String(value) }
      : { value: withSpread.value(value, spread), exact: `${value} ± ${spread}` };

  const readings = computed((): Reading[] => {
    const drawn = new Map((model.value?.drawn ?? []).map((entry) => [entry.series.id, entry]));
    return input.series.map(({ id, label, token, dash }): Reading => {
      const base = { id, label, token, dash, hidden: hidden.value.has(id), value: '', exact: '', top: null, left: 0 };
      const entry = drawn.get(id);
      const x = group.crosshair.value;
      if (!entry || !model.value) return base;
      const rest = x === null ? input.rest?.values.get(id) : undefined;
      if (rest) return { ...base, ...written(rest) };
      const { points } = entry;
      const row = nearest(points, x ?? Infinity);
      const ended = x !== null && x > (points.x.at(-1) ?? 0) * (1 + 1e-9);
      if (row < 0 || ended) return { ...base, value: '–' };
      const y = points.y[row] as number;
      const spread = entry.band ? ((points.max[row] as number) - (points.min[row] as number)) / 2 : null;
      return { ...base, ...written({ value: y, spread }), ...placeOf(model.value, points.x[row] as number, y) };
    });
  });

  const where = computed(() => {
    const x = group.crosshair.value;
    if (x === null) return '';
    const stage = input.stages.find(({ from, to }) => x >= from && x < to);
    const place = t(`charts.at_${input.xAxis}`, { value: xText(input.xAxis, x) });
    return stage ? `${place} · ${t('charts.in_stage', { stage: stage.index + 1, count: stage.count })}` : place;
  });

  const spoken = computed(() => {
    if (model.value?.empty ?? true) return t('charts.empty');
    const values = readings.value.filter((reading) => !reading.hidden).map(({ label, value }) => `${label} ${value}`);
    return [where.value || (input.rest?.word ?? t('charts.last_values')), ...values].join(', ');
  });

  return { readings, where, spoken };
}
