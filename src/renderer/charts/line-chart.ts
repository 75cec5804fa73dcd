/** Makes a line chart's ECharts option: on the screen without words, in a picture with title and legend. Pure. */
import type { ChartTheme } from './chart-theme';
import { captionedOption } from './picture-caption';
import type { ChartModel, DrawnSeries } from './chart-model';
import type { EChartsOption } from './echarts';
import { toShare } from './scale';
import { stageHex } from './stage-ramp';
import type { Format } from './value-format';

/** A stage behind the lines, in units of x. */
export interface StageShade {
  from: number;
  to: number;
  index: number;
  count: number;
  /** B / final size, which sets its colour. */
  side: number;
}

/** A line across the plot, e.g. the accuracy at which runs are compared. */
export interface ChartMark {
  axis: 'x' | 'y';
  at: number;
  label: string;
  token?: string;
  dash?: 'solid' | 'dashed' | 'dotted';
}

export interface BestMark {
  x: number;
  y: number;
  label: string;
  /** Id of the series whose best it is. */
  series: string;
  token: string;
}

export interface ChartLook {
  theme: ChartTheme;
  log: boolean;
  stacked: boolean;
  stages: readonly StageShade[];
  marks: readonly ChartMark[];
  best: readonly BestMark[];
  formatX: Format;
  /** Width of the plot in pixels. */
  columns: number;
  formatY: Format;
  /** Name of the x-axis, beneath it; pictures only. */
  xName: string;
  /** Title and legend for a picture outside the window. */
  caption: { title: string; subtitle: string } | null;
}

/** The plot's place in the chart in px, which aligns the crosshair and all charts of a column. */
export const PLOT = { left: 56, right: 12, top: 10, bottom: 24 } as const;
const CAPTION = { top: 72, bottom: 44 } as const;

type Series = Record<string, unknown>;

const SHADE = { light: 0.13, dark: 0.18 };

function shading({ x }: ChartModel, { stages, theme }: ChartLook): Series {
  const opacity = theme.dark ? SHADE.dark : SHADE.light;
  return {
    ...{ type: 'line', id: 'stages of the plan', data: [], silent: true, name: '' },
    markArea: {
      silent: true,
      data: stages
        .filter(({ from, to }) => to > x[0] && from < x[1])
        .map(({ from, to, side }) => [
          {
            xAxis: Math.max(from, x[0]),
            itemStyle: { color: stageHex(side, theme.colour), opacity },
          },
          { xAxis: Math.min(to, x[1]) },
        ]),
    },
  };
}

/** Draws background lines thinner, so that the main ones are prominent. */
function lineOf({ line, series, sparse }: DrawnSeries, { theme, stacked }: ChartLook, at: number): Series {
  const colour = theme.colour(series.token);
  return {
    ...{ type: 'line', name: series.label, id: series.id, silent: true, clip: true, animation: false },
    ...{ dimensions: ['x', 'y'], data: line, z: 4 + at / 100 },
    ...{ showSymbol: sparse && !stacked, symbol: series.marker, symbolSize: 5 },
    lineStyle: { color: colour, width: stacked ? 1 : 1.75, type: series.dash, join: 'round' },
    itemStyle: { color: colour },
    ...(stacked ? { areaStyle: { color: colour, opacity: 0.85 }, showSymbol: false } : {}),
  };
}

function faintOf({ faint, series }: DrawnSeries, { theme }: ChartLook): Series | null {
  if (!faint) return null;
  return {
    ...{
      type: 'line',
      name: '',
      id: `${series.id} raw`,
      silent: true,
      clip: true,
      animation: false,
      showSymbol: false,
    },
    ...{ dimensions: ['x', 'y'], data: faint, z: 3 },
    lineStyle: { color: theme.colour(series.token), width: 1, opacity: theme.dark ? 0.38 : 0.32 },
  };
}

/** Draws the band around a line: a polygon for each piece between two breaks. */
function bandOf({ band, series }: DrawnSeries, { theme }: ChartLook, bottom: number): Series | null {
  if (!band) return null;
  const [low, high] = [piecesOf(band.low, bottom), piecesOf(band.high, bottom)];
  const colour = theme.colour(series.token);
  return {
    ...{ type: 'custom', name: '', id: `${series.id} band`, silent: true, clip: true, animation: false, z: 2 },
    data: high.flatMap((piece, at) => (low[at] ? [[...piece[0], at]] : [])),
    encode: { x: 0, y: 1 },
    renderItem: (_: unknown, api: { value: (dimension: number) => number; coord: (point: Point) => Point }) => {
      const at = api.value(2);
      const points = [...(high[at] ?? []), ...(low[at] ?? []).toReversed()].map((point) => api.coord(point));
      return { type: 'polygon', shape: { points }, style: { fill: colour, opacity: theme.dark ? 0.26 : 0.18 } };
    },
  };
}

type Point = [number, number];

/** Splits a line into pieces without breaks. Values that a logarithm can't show are below the frame. */
function piecesOf(line: Float64Array, bottom: number): [Point, ...Point[]][] {
  const pieces: [Point, ...Point[]][] = [];
  let broken = true;
  for (let at = 0; at < line.length; at += 2) {
    const [x, y] = [line[at] as number, line[at + 1] as number];
    if (Number.isNaN(y)) {
      broken = true;
      continue;
    }
    const point: Point = [x, Math.max(y, bottom)];
    if (broken) pieces.push([point]);
    else pieces.at(-1)?.push(point);
    broken = false;
  }
  return pieces;
}

function marksOf({ x, y }: ChartModel, look: ChartLook): Series {
  const { marks, best, theme, log } = look;
  const drawn = (value: number): number => (log ? Math.log10(value) : value);
  return {
    ...{ type: 'line', id: 'marks', name: '', data: [], silent: true, z: 6 },
    markLine: {
      ...{ silent: true, symbol: 'none', animation: false },
      data: marks.map(({ axis, at, label, token, dash }) => ({
        ...(axis === 'x' ? { xAxis: at } : { yAxis: drawn(at) }),
        lineStyle: { color: theme.colour(token ?? '--text-2'), width: 1, type: dash ?? 'dashed' },
        label: {
          formatter: label,
          color: theme.text,
          fontSize: 12,
          position: axis === 'x' ? 'insideEndTop' : 'insideStartTop',
        },
      })),
    },
    markPoint: {
      ...{ silent: true, symbol: 'circle', symbolSize: 9, animation: false },
      data: best.map((mark) => {
        const low = drawn(mark.y) < y[0] + 0.93 * (y[1] - y[0]);
        const share = toShare(mark.x, x);
        const position = share > 0.9 ? 'left' : share < 0.1 ? 'right' : low ? 'top' : 'bottom';
        return {
          coord: [mark.x, drawn(mark.y)],
          itemStyle: { color: theme.background, borderColor: theme.colour(mark.token), borderWidth: 2 },
          label: {
            ...{ formatter: mark.label, color: theme.text, fontSize: 12, position, distance: 6 },
            ...{ textBorderColor: theme.background, textBorderWidth: 3 },
          },
        };
      }),
    },
  };
}

/** Width of a letter of the axis in px. */
const LETTER = 6.8;

/** Says whether the last word of the x-axis would be cut if it were centred below its mark. */
function overhangs({ x, xTicks }: ChartModel, { formatX, columns }: ChartLook): boolean {
  const last = xTicks.values.at(-1);
  if (last === undefined) return false;
  const right = (1 - toShare(last, x)) * columns + PLOT.right;
  return (formatX(last).length * LETTER) / 2 > right;
}

function axes(model: ChartModel, look: ChartLook): EChartsOption {
  const { theme, formatX, formatY, log, caption, xName } = look;
  const label = { color: theme.quiet, fontSize: 12, fontFamily: theme.font, hideOverlap: true };
  const natural = (value: number): number => (log ? 10 ** value : value);
  return {
    xAxis: {
      ...{ type: 'value', min: model.x[0], max: model.x[1], splitLine: { show: false } },
      ...(caption ? { name: xName, nameLocation: 'middle', nameGap: 26, nameTextStyle: label } : {}),
      axisLine: { show: true, onZero: false, lineStyle: { color: theme.strong } },
      axisTick: { show: true, length: 4, lineStyle: { color: theme.strong }, customValues: model.xTicks.values },
      axisLabel: {
        ...label,
        customValues: model.xTicks.values,
        formatter: formatX,
        margin: 6,
        alignMaxLabel: overhangs(model, look) ? 'right' : null,
      },
    },
    yAxis: {
      ...{ type: 'value', min: model.y[0], max: model.y[1], axisLine: { show: false } },
      axisTick: { show: false, customValues: model.yTicks.values },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: { ...label, customValues: model.yTicks.values, formatter: (value: number) => formatY(natural(value)) },
    },
  } as EChartsOption;
}

export function lineChartOption(model: ChartModel, look: ChartLook): EChartsOption {
  const { theme, caption, stacked } = look;
  // The lowest line of a stack is drawn last, over the sums that reach down to the axis.
  const ordered = stacked ? model.drawn.toReversed() : model.drawn;
  const series = [
    shading(model, look),
    ...ordered.map((drawn) => bandOf(drawn, look, model.y[0] - (model.y[1] - model.y[0]))),
    ...ordered.map((drawn) => faintOf(drawn, look)),
    ...ordered.map((drawn, at) => lineOf(drawn, look, at)),
    marksOf(model, look),
  ].filter((entry) => entry !== null);
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: {
      ...{ left: PLOT.left, right: PLOT.right, outerBoundsMode: 'none' },
      top: caption ? CAPTION.top : PLOT.top,
      bottom: caption ? CAPTION.bottom : PLOT.bottom,
    },
    ...axes(model, look),
    series,
    ...(caption
      ? captionedOption(look.theme, caption, {
          ...{ right: 12, top: 10, itemWidth: 22, data: model.drawn.map(({ series: { label } }) => label) },
        })
      : {}),
  } as EChartsOption;
}
