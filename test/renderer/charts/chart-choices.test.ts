/** The entries of a chart's menu beside its files. */
import { describe, expect, it } from 'vitest';
import { ref, shallowReactive, shallowRef } from 'vue';
import type { ChartModel, YScale } from '../../../src/renderer/charts/chart-model';
import type { Range } from '../../../src/renderer/charts/scale';
import { useChartChoices } from '../../../src/renderer/charts/use-chart-choices';

function chartOf(): {
  chart: { log: boolean; stacked: boolean; enlarged: boolean | null };
  y: { value: YScale };
  zoom: { value: Range | null };
  asked: boolean[];
  made: ReturnType<typeof useChartChoices>;
} {
  const chart = shallowReactive({ log: false, stacked: false, enlarged: false as boolean | null });
  const [y, zoom, asked] = [ref<YScale>('auto'), shallowRef<Range | null>([2, 3]), [] as boolean[]];
  const model = shallowRef({ y: [0, 2], empty: false } as unknown as ChartModel);
  return {
    chart,
    y,
    zoom,
    asked,
    made: useChartChoices(chart, { yScale: y, model, zoom, enlarge: (on) => asked.push(on) }),
  };
}
const checked = ({ made }: ReturnType<typeof chartOf>): string[] =>
  made.more.value.flatMap((choice) => (choice?.checked ? [choice.id] : []));

describe('the menu of a chart', () => {
  it('scales the vertical axis, and keeps the range of now', () => {
    const it = chartOf();
    expect(checked(it)).toEqual(['auto']);
    it.made.choose('zero');
    expect([it.y.value, checked(it)]).toEqual(['zero', ['zero']]);
    it.made.choose('fixed');
    expect([it.y.value, checked(it)]).toEqual([[0, 2], ['fixed']]);
    it.chart.log = true;
    it.made.choose('fixed');
    expect(it.y.value).toEqual([1, 100]);
    expect(it.made.more.value.find((choice) => choice?.id === 'zero')).toMatchObject({ disabled: true });
  });

  it('shows the whole range of x, and the chart alone where it can be', () => {
    const it = chartOf();
    it.made.choose('whole');
    it.made.choose('enlarge');
    expect([it.zoom.value, it.asked]).toEqual([null, [true]]);
    it.chart.enlarged = null;
    expect(it.made.more.value.map((choice) => choice?.id)).not.toContain('enlarge');
  });
});
