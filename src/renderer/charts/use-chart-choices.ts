/** A line chart's menu beside its files: the scale of its vertical axis, the whole range of x, and showing it alone. */
import { computed, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { i18n } from '../i18n';
import type { ChartModel, YScale } from './chart-model';
import type { Range } from './scale';

export interface ChartChoice {
  id: string;
  label: string;
  disabled?: boolean;
  checked?: boolean;
}

export interface ChosenChart {
  log: boolean;
  stacked: boolean;
  /** Whether it is shown alone; null: it can't be. */
  enlarged: boolean | null;
}

export interface ChartState {
  yScale: Ref<YScale>;
  model: ShallowRef<ChartModel | null>;
  zoom: ShallowRef<Range | null>;
  enlarge: (on: boolean) => void;
}

const t = (key: string): string => i18n.global.t(`charts.${key}`);

/** Returns the current frame in natural values. */
const frameOf = ({ y }: ChartModel, log: boolean): Range => (log ? [10 ** y[0], 10 ** y[1]] : y);

/** @param chart reactive, as a component's props are */
export function useChartChoices(
  chart: ChosenChart,
  { yScale, model, zoom, enlarge }: ChartState,
): { more: ComputedRef<(ChartChoice | null)[]>; choose: (id: string) => void } {
  const scales = computed((): ChartChoice[] => {
    const { log, stacked } = chart;
    const now = typeof yScale.value === 'string' ? yScale.value : 'fixed';
    return [
      { id: 'auto', label: t('y_auto'), checked: now === 'auto' },
      // A logarithm has no 0, and stacked lines begin there anyway.
      { id: 'zero', label: t('y_zero'), checked: now === 'zero', disabled: log || stacked },
      { id: 'fixed', label: t('y_fixed'), checked: now === 'fixed', disabled: model.value?.empty ?? true },
    ];
  });
  const more = computed(() => [
    null,
    ...scales.value,
    null,
    { id: 'whole', label: t('reset_zoom'), disabled: zoom.value === null },
    ...(chart.enlarged === null ? [] : [{ id: 'enlarge', label: t(chart.enlarged ? 'shrink' : 'enlarge') }]),
  ]);
  function choose(id: string): void {
    if (id === 'whole') zoom.value = null;
    else if (id === 'enlarge') enlarge(!chart.enlarged);
    else if (id !== 'fixed') yScale.value = id === 'zero' ? 'zero' : 'auto';
    else if (model.value) yScale.value = frameOf(model.value, chart.log);
  }
  return { more, choose };
}
