/** Makes the ECharts option of parallel axes: a line per run in its own colour and dash. Pure. */
import type { ChartTheme } from '../../charts/chart-theme';
import { captionedOption } from '../../charts/picture-caption';
import type { EChartsOption } from '../../charts/echarts';
import { linearTicks, logTicks, niceLogRange, niceRange, timeTicks, type Range } from '../../charts/scale';
import { seriesStyle } from '../../charts/series-style';
import { tickFormat } from '../../charts/value-format';
import type { ParallelAxis } from './parallel-model';
import type { SeedGroup } from './seed-groups';

export interface ParallelLook {
  theme: ChartTheme;
  /** Width of the chart in px. */
  width: number;
  height: number;
  duration: (seconds: number) => string;
  /** Id of the highlighted group. */
  lit: string | null;
  caption: { title: string; subtitle: string } | null;
}

const TOP = 40;
const BOTTOM = 18;
const LEFT = 40;
const RIGHT = 84;
const CAPTION = 64;
const TICK_PX = 44;
/** From this factor on a field's values are shown as decades, as learning rates are. */
const DECADES = 20;
const FADED = 0.14;

interface Scaled {
  range: Range;
  ticks: number[];
  format: (drawn: number) => string;
  drawn: (value: number) => number;
}

function scaleOf({ values, kind, unit }: ParallelAxis, rows: number, duration: ParallelLook['duration']): Scaled {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const count = Math.max(Math.floor(rows / TICK_PX), 2);
  if (kind === 'field' && low > 0 && high / low >= DECADES) {
    const range = niceLogRange([Math.log10(low), Math.log10(high)]);
    const format = tickFormat('', 0);
    return { range, ticks: logTicks(range, count).values, format: (at) => format(10 ** at), drawn: Math.log10 };
  }
  const range = niceRange([low, high], { count });
  const { values: ticks, step } = unit === 's' ? timeTicks(range, count) : linearTicks(range, count);
  return {
    range,
    ticks,
    format: unit === 's' ? duration : tickFormat(unit === '%' ? '%' : '', step, range),
    drawn: (value) => value,
  };
}

function axisOption(
  axis: ParallelAxis,
  scale: Scaled | null,
  dim: number,
  { theme, width }: ParallelLook,
  count: number,
) {
  const room = Math.max((width - LEFT - RIGHT) / Math.max(count - 1, 1) - 10, 44);
  const label = { color: theme.quiet, fontSize: 12, fontFamily: theme.font };
  const numeric = scale && {
    ...{ type: 'value', min: scale.range[0], max: scale.range[1] },
    axisTick: { lineStyle: { color: theme.strong }, length: 4, customValues: scale.ticks },
  };
  return {
    ...{
      dim,
      name: axis.kind === 'field' ? axis.label.split('.').at(-1) : axis.label,
      nameLocation: 'end',
      nameGap: 14,
    },
    nameTruncate: { maxWidth: room, ellipsis: '…' },
    nameTextStyle: { ...label, color: theme.text },
    axisLine: { lineStyle: { color: theme.strong } },
    axisTick: { lineStyle: { color: theme.strong }, length: 4, alignWithLabel: true },
    ...(numeric ?? { type: 'category', data: axis.words }),
    axisLabel: {
      ...{ ...label, width: room - 12, overflow: 'truncate', textBorderColor: theme.background, textBorderWidth: 3 },
      ...(scale ? { customValues: scale.ticks, formatter: scale.format } : {}),
    },
    areaSelectStyle: {
      color: theme.colour('--accent'),
      borderColor: theme.colour('--accent'),
      opacity: 0.16,
      width: 16,
    },
  };
}

export function parallelOption(
  groups: readonly SeedGroup[],
  axes: readonly ParallelAxis[],
  look: ParallelLook,
): EChartsOption {
  const { theme, lit, caption, height, duration } = look;
  const top = caption ? CAPTION + TOP : TOP;
  const scales = axes.map((axis) => (axis.words ? null : scaleOf(axis, height - top - BOTTOM, duration)));
  return {
    ...{ animation: false, textStyle: { fontFamily: theme.font } },
    parallel: { left: LEFT, right: RIGHT, bottom: BOTTOM, top, axisExpandable: false },
    parallelAxis: axes.map((axis, dim) => axisOption(axis, scales[dim] ?? null, dim, look, axes.length)),
    series: groups.map(({ id, name, series }, at) => {
      const { token, dash } = seriesStyle(series);
      const faded = lit !== null && lit !== id;
      return {
        ...{ type: 'parallel', name, id, animation: false, smooth: 0, silent: true, z: lit === id ? 5 : 3 },
        inactiveOpacity: 0.06,
        activeOpacity: 1,
        lineStyle: {
          ...{ color: theme.colour(token), width: lit === id ? 3 : 1.75, type: dash, opacity: faded ? FADED : 0.9 },
        },
        data: [
          axes.map(({ values }, dim) => {
            const value = values[at] ?? null;
            return value === null ? '-' : (scales[dim]?.drawn(value) ?? value);
          }),
        ],
      };
    }),
    ...(caption
      ? captionedOption(look.theme, caption, {
          ...{ left: 12, top: 50, type: 'plain', itemWidth: 22, icon: 'roundRect' },
          data: groups.map(({ name, series }) => ({
            name,
            itemStyle: { color: look.theme.colour(seriesStyle(series).token) },
          })),
        })
      : {}),
  } as unknown as EChartsOption;
}
