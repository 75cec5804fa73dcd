/** Makes a scatter's ECharts option: points by category, lines between them, spread over seeds as crosses, the front as
 * steps. Pure. */
import type { ChartTheme } from './chart-theme';
import { captionedOption } from './picture-caption';
import type { EChartsOption } from './echarts';
import { NAME_PX, sidesOf, widthOf } from './scatter-names';
import { seriesStyle } from './series-style';
import type { ScatterAxis, ScatterModel, ScatterPoint } from './scatter-model';

/** The plot's place in the chart in px, by which the points' buttons are placed. */
export const SCATTER_PLOT = { left: 60, right: 20, top: 26, bottom: 44 } as const;
const CAPTION = 76;
const POINT_PX = 11;

export interface ScatterLook {
  theme: ChartTheme;
  /** Title and subtitle of a picture outside the window. */
  caption: { title: string; subtitle: string } | null;
  frontLabel: string;
}

type Series = Record<string, unknown>;
type Point = [number, number];

const at = ({ x, y }: ScatterModel, point: { x: number; y: number }): Point => [x.drawn(point.x), y.drawn(point.y)];

/** Draws the front as steps: each point is the best for its cost until the next one. */
function frontSeries(model: ScatterModel, { theme, frontLabel }: ScatterLook): Series | null {
  if (model.front.length < 2) return null;
  return {
    ...{
      type: 'line',
      name: frontLabel,
      id: 'front',
      silent: true,
      animation: false,
      showSymbol: false,
      step: 'end',
      z: 2,
    },
    data: model.front.map((point) => at(model, point)),
    lineStyle: { color: theme.strong, width: 1.25, type: 'dashed' },
    itemStyle: { color: theme.strong },
  };
}

interface Drawing {
  value: (dimension: number) => number;
  coord: (point: Point) => Point;
}

function crosses(model: ScatterModel, { theme }: ScatterLook): Series | null {
  const spread = model.points.filter(({ spreadX, spreadY }) => spreadX || spreadY);
  if (!spread.length) return null;
  const ends = ({ x, y, spreadX, spreadY }: ScatterPoint): Point[] => [
    at(model, { x: x - (spreadX ?? 0), y }),
    at(model, { x: x + (spreadX ?? 0), y }),
    at(model, { x, y: y - (spreadY ?? 0) }),
    at(model, { x, y: y + (spreadY ?? 0) }),
  ];
  return {
    ...{ type: 'custom', name: '', id: 'spread', silent: true, clip: true, animation: false, z: 3 },
    data: spread.map((point, index) => [...at(model, point), index]),
    renderItem: (_: unknown, { value, coord }: Drawing) => {
      const [left, right, low, high] = ends(spread[value(2)] as ScatterPoint).map(coord) as [
        Point,
        Point,
        Point,
        Point,
      ];
      const line = ([x1, y1]: Point, [x2, y2]: Point) => ({
        ...{ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: theme.quiet, lineWidth: 1.25 } },
      });
      return { type: 'group', children: [line(left, right), line(low, high)] };
    },
  };
}

function pointSeries(model: ScatterModel, { theme }: ScatterLook): Series[] {
  return model.categories.map(({ name, series }) => {
    const { token, marker } = seriesStyle(series);
    const outline = { color: theme.background, borderColor: theme.colour(token), borderWidth: 2 };
    return {
      ...{ type: 'scatter', name, id: `points ${name}`, silent: true, animation: false, z: 5 },
      ...{ symbol: marker, symbolSize: POINT_PX },
      itemStyle: { color: theme.colour(token), borderColor: theme.background, borderWidth: 1, opacity: 1 },
      data: model.points
        .filter(({ category }) => category === name)
        .map((point) => ({ value: at(model, point), ...(point.hollow ? { itemStyle: outline } : {}) })),
    };
  });
}

/** Draws each line in its category's colour, dashed between outlines. */
function linkSeries(model: ScatterModel, { theme }: ScatterLook): Series[] {
  const numbers = new Map(model.categories.map(({ name, series }) => [name, series]));
  return model.links.map((link, index) => {
    const colour = theme.colour(seriesStyle(numbers.get(link[0]?.category ?? '') ?? 0).token);
    return {
      ...{ type: 'line', name: '', id: `link ${index}`, silent: true, animation: false, showSymbol: false, z: 2 },
      data: link.map((point) => at(model, point)),
      lineStyle: { color: colour, width: 1.25, type: link.every(({ hollow }) => hollow) ? 'dashed' : 'solid' },
    };
  });
}

/** Draws the names below the points and above the lines. */
function names(model: ScatterModel, { theme }: ScatterLook): Series {
  return {
    ...{ type: 'scatter', name: '', id: 'names', silent: true, animation: false, z: 4, symbolSize: POINT_PX },
    itemStyle: { color: 'transparent' },
    label: {
      ...{ show: true, distance: NAME_PX.gap, color: theme.quiet, fontSize: 12, fontFamily: theme.font },
      ...{ backgroundColor: theme.background, padding: [0, 2], overflow: 'truncate' },
      formatter: ({ value }: { value: [number, number, string] }) => value[2],
    },
    labelLayout: { hideOverlap: true },
    data: [...sidesOf(model, SCATTER_PLOT.right, POINT_PX)].map(([point, position]) => ({
      value: [...at(model, point), point.label],
      // A width of its own would be filled with the background, too.
      label: { position, ...(widthOf(point.label) === NAME_PX.most ? { width: NAME_PX.most } : {}) },
    })),
  };
}

function axisOption({ quantity, range, ticks, log, format }: ScatterAxis, name: string, theme: ChartTheme): Series {
  const label = { color: theme.quiet, fontSize: 12, fontFamily: theme.font, hideOverlap: true };
  return {
    ...{ type: 'value', min: range[0], max: range[1], name, nameTextStyle: { ...label, fontSize: 12 } },
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.strong } },
    axisTick: { show: true, length: 4, lineStyle: { color: theme.strong }, customValues: ticks.values },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: {
      ...{ ...label, customValues: ticks.values, margin: 7 },
      formatter: (value: number) => (quantity.unit === 's' ? format(value) : format(log ? 10 ** value : value)),
    },
  };
}

const unitOf = ({ unit }: ScatterAxis['quantity']): string =>
  unit && unit !== '%' && unit !== 's' ? ` (${unit})` : '';

export function scatterOption(model: ScatterModel, look: ScatterLook): EChartsOption {
  const { theme, caption } = look;
  const name = ({ quantity }: ScatterAxis): string => quantity.label + unitOf(quantity);
  const y = axisOption(model.y, name(model.y), theme);
  return {
    ...{ animation: false, textStyle: { fontFamily: theme.font } },
    grid: { ...SCATTER_PLOT, outerBoundsMode: 'none', top: caption ? CAPTION + 20 : SCATTER_PLOT.top },
    xAxis: { ...axisOption(model.x, name(model.x), theme), nameLocation: 'middle', nameGap: 26 },
    yAxis: {
      ...{ ...y, nameLocation: 'end', nameGap: 12 },
      nameTextStyle: { ...(y['nameTextStyle'] as object), align: 'left', padding: [0, 0, 0, 4 - SCATTER_PLOT.left] },
    },
    series: [
      ...[frontSeries(model, look), crosses(model, look), names(model, look)].filter((entry) => entry !== null),
      ...[...linkSeries(model, look), ...pointSeries(model, look)],
    ],
    ...(caption
      ? captionedOption(look.theme, caption, {
          ...{ left: 12, top: 52, itemWidth: 14 },
          data: [...model.categories.map(({ name }) => name), ...(model.front.length > 1 ? [look.frontLabel] : [])],
        })
      : {}),
  } as EChartsOption;
}
