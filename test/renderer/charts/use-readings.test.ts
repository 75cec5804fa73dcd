/** Readings of a chart. */
import { describe, expect, it } from 'vitest';
import { computed, shallowRef } from 'vue';
import { chartModel, type ChartSeries } from '../../../src/renderer/charts/chart-model';
import { useReadings, type RestValues } from '../../../src/renderer/charts/use-readings';
import { i18n } from '../../../src/renderer/i18n';
import { curveOf } from './support';

const series: ChartSeries[] = ['a', 'b'].map((id) => ({
  ...{ id, label: id, token: '--series-0', dash: 'solid', marker: 'circle', curve: curveOf([0.2, 0.6, 0.5]) },
}));

function readingsOf(rest: RestValues | null): {
  crosshair: { value: number | null };
  made: ReturnType<typeof useReadings>;
} {
  i18n.global.locale.value = 'en';
  const model = chartModel(series, {
    ...{ xAxis: 'step', yScale: 'auto', smoothing: 0, log: false, unit: '%', zoom: null, hidden: new Set<string>() },
    ...{ all: true, stacked: false, columns: 400, rows: 200 },
  });
  const group = { crosshair: shallowRef<number | null>(null), zoom: shallowRef(null) };
  const made = useReadings(
    { series, xAxis: 'step', unit: '%', log: false, stacked: false, stages: [], rest },
    {
      model: shallowRef(model),
      size: shallowRef({ width: 468, height: 234 }),
      group,
      hidden: computed(() => new Set()),
    },
  );
  return { crosshair: group.crosshair, made };
}
const values = ({ made }: ReturnType<typeof readingsOf>): string[] => made.readings.value.map(({ value }) => value);

describe('a chart’s legend', () => {
  it('has the last values, and at the crosshair those of the nearest point', () => {
    const chart = readingsOf(null);
    expect(values(chart)).toEqual(['50.0 %', '50.0 %']);
    expect(chart.made.spoken.value).toContain('Last values, a 50.0 %');
    chart.crosshair.value = 2;
    expect(values(chart)).toEqual(['60.0 %', '60.0 %']);
  });

  it('has other values at rest where those are given, without a dot on the line', () => {
    const rest = { word: 'Best', values: new Map([['a', { value: 0.6, spread: 0.01 }]]) };
    const chart = readingsOf(rest);
    expect(values(chart)).toEqual(['60.0 ± 1.0 %', '50.0 %']);
    expect(chart.made.readings.value[0]?.top).toBeNull();
    expect(chart.made.spoken.value).toContain('Best, a 60.0 ± 1.0 %');
    chart.crosshair.value = 1;
    expect(values(chart)).toEqual(['20.0 %', '20.0 %']);
  });
});
