import { describe, expect, it } from 'vitest';
import { chartModel, type ChartSeries, type ChartView } from '../../../src/renderer/charts/chart-model';
import type { ChartTheme } from '../../../src/renderer/charts/chart-theme';
import { lineChartOption, type ChartLook } from '../../../src/renderer/charts/line-chart';
import { curveOf, noise, VIEW } from './support';

const WIDE: ChartView = { ...VIEW, columns: 600, rows: 300 };
const series = (id: string, values: readonly number[], over: Partial<ChartSeries> = {}): ChartSeries => ({
  ...{ id, label: id, token: '--series-0', dash: 'solid', marker: 'circle', curve: curveOf(values) },
  ...over,
});
const calm = Array.from({ length: 400 }, (_, index) => 1 + 0.2 * noise(index));
const theme: ChartTheme = {
  ...{
    text: 'text',
    quiet: 'quiet',
    line: 'line',
    strong: 'strong',
    background: 'background',
    font: 'font',
    dark: false,
  },
  colour: (name) =>
    ({ '--stage-0': '#0000ff', '--stage-1': '#0000ff', '--stage-3': '#00ff00', '--stage-4': '#ff0000' })[name] ?? name,
};
const LOOK: ChartLook = {
  ...{
    theme,
    log: false,
    stacked: false,
    stages: [],
    marks: [],
    best: [],
    formatX: String,
    formatY: String,
    columns: 400,
    xName: 'Step',
  },
  caption: null,
};

interface Option {
  animation: boolean;
  tooltip?: unknown;
  legend?: { top: number; data: string[] };
  title?: { text: string };
  series: {
    id?: string;
    data: Float64Array;
    z?: number;
    lineStyle?: { opacity?: number };
    markArea?: { data: [{ xAxis: number; itemStyle: { color: string } }, { xAxis: number }][] };
    markPoint?: { data: { coord: [number, number] }[] };
  }[];
}
const option = (...args: Parameters<typeof lineChartOption>): Option => lineChartOption(...args) as unknown as Option;

describe('what a chart shows', () => {
  it('is the points themselves where nothing is smoothed or thinned', () => {
    const [drawn] = chartModel([series('a', [3, 1, 2])], WIDE).drawn;
    expect([...(drawn?.line ?? [])]).toEqual([1, 3, 2, 1, 3, 2]);
    expect(drawn?.faint).toBeNull();
  });

  it('has the raw line behind a smoothed one, but for series that are shown as measured', () => {
    const view = { ...WIDE, smoothing: 0.9 };
    const [noisy, measured] = chartModel([series('a', calm), series('b', [1, 2, 1], { smooth: false })], view).drawn;
    expect([...(noisy?.faint ?? [])].filter((_, at) => at % 2)).toEqual(calm);
    expect(noisy?.points.y[200]).not.toBe(calm[200]);
    expect(measured?.faint).toBeNull();
    expect([...(measured?.points.y ?? [])]).toEqual([1, 2, 1]);
  });

  it('leaves outliers out until all is asked for, and counts them', () => {
    const spiky = series('a', [...calm, 500]);
    const model = chartModel([spiky], WIDE);
    expect(model.outside).toBe(1);
    expect(model.y[1]).toBeLessThan(3);
    const all = chartModel([spiky], { ...WIDE, all: true });
    expect(all.outside).toBe(0);
    expect(all.y[1]).toBeGreaterThanOrEqual(500);
  });

  it('counts what a logarithmic axis can’t show', () => {
    const model = chartModel([series('a', [10, 0, -1, 1000])], { ...WIDE, log: true });
    expect(model.notPositive).toBe(2);
    expect([...(model.drawn[0]?.line ?? [])]).toEqual([1, 1, 2, NaN, 3, NaN, 4, 3]);
  });

  it('tells how many values were not finite', () => {
    const curve = curveOf([1, 2], { step: [1, 3], not_finite: 4, gaps: [2] });
    const model = chartModel([series('a', [], { curve })], WIDE);
    expect(model.notFinite).toBe(4);
    expect([...(model.drawn[0]?.line ?? [])]).toEqual([1, 1, 1, NaN, 3, 2]);
  });

  it('stacks line upon line, and one slow first step does not flatten the rest', () => {
    const view = { ...WIDE, stacked: true, smoothing: 0.9 };
    const device = series('device', [6000, ...calm.map((value) => 100 * value)]);
    const loader = series('loader', [0, ...calm.map(() => 50)]);
    const model = chartModel([device, loader], view);
    const [below, above] = model.drawn;
    expect((above?.line.at(-1) as number) - (below?.line.at(-1) as number)).toBeCloseTo(50, 6);
    expect(model.outside).toBe(1);
    expect(model.y[0]).toBe(0);
    expect(model.y[1]).toBeLessThan(400);
  });

  it('keeps to the zoomed range, with a frame of its own', () => {
    const model = chartModel([series('a', [100, 1, 2, 3, 100])], { ...WIDE, zoom: [2, 4] });
    expect(model.x).toEqual([2, 4]);
    expect(chartModel([series('a', [100, 1, 2, 3, 100])], WIDE).y[1]).toBeGreaterThanOrEqual(100);
  });

  it('reaches as far as the other charts of its run, unless it is zoomed', () => {
    expect(chartModel([series('a', [1, 2, 3])], { ...WIDE, until: 9 }).x).toEqual([0, 9]);
    expect(chartModel([series('a', [1, 2, 3])], { ...WIDE, until: 2 }).x).toEqual([0, 3]);
    expect(chartModel([series('a', [1, 2, 3])], { ...WIDE, until: 9, zoom: [1, 2] }).x).toEqual([1, 2]);
  });

  it('is empty without points, and hidden series take no room', () => {
    expect(chartModel([series('a', [])], WIDE).empty).toBe(true);
    const model = chartModel([series('a', [1, 2]), series('b', [900, 800])], { ...WIDE, hidden: new Set(['b']) });
    expect(model.drawn.map(({ series: { id } }) => id)).toEqual(['a']);
    expect(model.y[1]).toBeLessThan(10);
  });
});

describe('the option', () => {
  const model = chartModel([series('a', calm), series('b', calm)], { ...WIDE, smoothing: 0.5 });

  it('brings flat typed arrays, raw behind smoothed, without animation or an HTML tooltip', () => {
    const made = option(model, LOOK);
    expect(made.animation).toBe(false);
    expect(made.tooltip).toBeUndefined();
    const lines = made.series.filter(({ id }) => id === 'a' || id === 'b' || id === 'a raw' || id === 'b raw');
    expect(lines).toHaveLength(4);
    expect(lines.every(({ data }) => data instanceof Float64Array)).toBe(true);
    const z = (id: string): number => lines.find((line) => line.id === id)?.z as number;
    expect(z('a raw')).toBeLessThan(z('a'));
    expect(z('a')).toBeLessThan(z('b'));
    expect(lines.find(({ id }) => id === 'a raw')?.lineStyle?.opacity).toBeLessThan(0.5);
  });

  it('shades the stages that are in view by the ramp, cut at the frame', () => {
    const stages = [
      { from: 0, to: 100, index: 0, count: 3, side: 0.375 },
      { from: 100, to: 300, index: 1, count: 3, side: 0.375 },
      { from: 300, to: 900, index: 2, count: 3, side: 1 },
      { from: 900, to: 950, index: 2, count: 3, side: 1 },
    ];
    const areas = option(model, { ...LOOK, stages }).series.find(({ markArea }) => markArea)?.markArea?.data ?? [];
    expect(areas.map(([from, to]) => [from.xAxis, to.xAxis])).toEqual([
      [0, 100],
      [100, 300],
      [300, 400],
    ]);
    expect(areas.map(([from]) => from.itemStyle.color)).toEqual(['#0000ff', '#0000ff', '#ff0000']);
  });

  it('marks the best value where it was measured', () => {
    const best = [{ x: 7, y: 100, label: 'best', series: 'a', token: '--text' }];
    const log = option(model, { ...LOOK, best, log: true });
    expect(log.series.find(({ markPoint }) => markPoint)?.markPoint?.data[0]?.coord).toEqual([7, 2]);
  });

  it('has title and a legend clear of the plot in a picture only', () => {
    expect(option(model, LOOK).legend).toBeUndefined();
    const picture = option(model, { ...LOOK, caption: { title: 'Loss', subtitle: '' } });
    expect(picture.title?.text).toBe('Loss');
    expect(picture.legend).toMatchObject({ top: 10, data: ['a', 'b'] });
  });
});
