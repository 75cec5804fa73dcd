/**
 * Computes what a line chart shows from its curves: lines thinned to the pixels, the frame, ticks, and what does not
 * fit into it. Pure.
 */
import type { Curve } from '../../shared/contract/metrics';
import { decimate, envelope, frame, pointsOf, smooth, window, type CurvePoints, type XAxis } from './curve-data';
import { linearTicks, logTicks, niceLogRange, niceRange, timeTicks, type Range, type Ticks } from './scale';

export interface ChartSeries {
  id: string;
  label: string;
  /** Name of the colour's token, e.g. --series-3. */
  token: string;
  dash: 'solid' | 'dashed' | 'dotted';
  marker: 'circle' | 'rect' | 'triangle' | 'diamond';
  curve: Curve;
  /** Whether smoothing applies; measured accuracy is shown as it was measured. */
  smooth?: boolean;
  /** Whether the curve's minimum and maximum form a band around it. */
  band?: boolean;
  /** Whether it is hidden until the user shows it. */
  off?: boolean;
  /** Number of steps of the whole run, to which smoothing is scaled; default: the curve's last step. */
  span?: number;
  /** Last steps of the stages after which it is broken; smoothing starts anew there. */
  ends?: readonly number[];
  /** Origin of every point of it, for CSV. */
  source?: { run: string; name: string };
}

/** The vertical axis: around the values in view, from 0 on, or a range of natural values that stays. */
export type YScale = 'auto' | 'zero' | Range;

export interface ChartView {
  xAxis: XAxis;
  /** Share of the past that remains after a step, 0 to 0.99. */
  smoothing: number;
  log: boolean;
  /** Values are shares of a whole: `%`. */
  unit: string;
  zoom: Range | null;
  yScale: YScale;
  /** Smallest x at the frame's end, so that charts of one run end at the same place. */
  until?: number;
  hidden: ReadonlySet<string>;
  /** Whether outliers are shown too, however flat that makes the rest. */
  all: boolean;
  /** Whether lines are stacked and filled. */
  stacked: boolean;
  /** Width and height of the plot in pixels. */
  columns: number;
  rows: number;
}

export interface DrawnSeries {
  series: ChartSeries;
  /** Values for reading: natural, smoothed. */
  points: CurvePoints;
  /** Values as drawn: [x, y, ...], logarithms on a logarithmic axis, sums where stacked. */
  line: Float64Array;
  faint: Float64Array | null;
  /** Lower and upper edge of the fill around the line, as drawn. */
  band: { low: Float64Array; high: Float64Array } | null;
  /** Whether single points are distinguishable. */
  sparse: boolean;
}

export interface ChartModel {
  drawn: DrawnSeries[];
  x: Range;
  y: Range;
  xTicks: Ticks;
  yTicks: Ticks;
  empty: boolean;
  /** Number of points outside the frame. */
  outside: number;
  /** Number of points that a logarithmic axis can't show. */
  notPositive: number;
  notFinite: number;
}

const SPARSE = 60;
const X_TICKS_PX = 90;
const Y_TICKS_PX = 36;
const FEWEST_Y_TICKS = 3;
const MOST_Y_TICKS = 6;
const MOST_POINTS = 800;
/** Logarithm of the smallest double. */
const LOWEST = -324;

interface Ready {
  series: ChartSeries;
  points: CurvePoints;
  raw: CurvePoints;
  /** Values as drawn: natural, logarithm or sum. */
  y: Float64Array;
  /** The same without smoothing, which decides the frame. */
  plain: Float64Array;
}

const logOf = (values: Float64Array): Float64Array => values.map((value) => (value > 0 ? Math.log10(value) : NaN));

function ready(series: ChartSeries, { xAxis, smoothing }: ChartView): Ready {
  const raw = pointsOf(series.curve, xAxis, series.ends);
  const span = series.span ?? series.curve.step.at(-1) ?? 1;
  const y = series.smooth === false || smoothing === 0 ? raw.y : smooth(raw, smoothing, span, series.ends);
  return { series, raw, points: { ...raw, y }, y, plain: raw.y };
}

/** Stacks each on the ones before it, row by row: they were recorded at the same steps. */
function stack(list: Ready[]): void {
  list.forEach((entry, index) => {
    const below = list[index - 1];
    if (!below) return;
    entry.y = entry.y.map((value, row) => value + (below.y[row] ?? 0));
    entry.plain = entry.plain.map((value, row) => value + (below.plain[row] ?? 0));
  });
}

function rangeOf(lists: readonly Float64Array[]): Range | null {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return high >= low ? [low, high] : null;
}

function xRange(list: readonly Ready[], { zoom, until = 0 }: ChartView): Range {
  if (zoom) return zoom;
  const high = Math.max(...list.map(({ raw }) => raw.x.at(-1) ?? 0), until);
  return [0, high > 0 ? high : 1];
}

function inView({ raw }: Ready, values: Float64Array, x: Range): Float64Array {
  const [from, to] = window(raw.x, x);
  return values.subarray(from, to);
}

const concat = (lists: readonly Float64Array[]): Float64Array => {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.filter((value) => Number.isFinite(value));
};

/** Returns the frame in drawn units, and how many points it leaves out. */
function yFrame(list: readonly Ready[], view: ChartView, x: Range): { y: Range; outside: number; notPositive: number } {
  const drawn = (values: Float64Array): Float64Array => (view.log ? logOf(values) : values);
  const lines = list.map((entry) => drawn(inView(entry, entry.y, x)));
  const raw = view.stacked
    ? []
    : list.flatMap((entry) => {
        const [low, high] = [inView(entry, entry.raw.min, x), inView(entry, entry.raw.max, x)];
        // Points have one value, buckets have two.
        return entry.series.curve.width === 1 && !entry.series.band ? [drawn(low)] : [drawn(low), drawn(high)];
      });
  const smoothed = list.some(({ y, raw: { y: own } }) => y !== own);
  const kept = rangeOf(smoothed && !view.stacked ? lines : []);
  const values = concat(view.stacked ? list.slice(-1).map((entry) => inView(entry, entry.plain, x)) : raw);
  const found = view.all ? null : frame(values, kept);
  const whole = rangeOf(view.stacked ? [values] : [values, ...lines]);
  const range = found?.range ?? whole;
  const notPositive = view.log
    ? list.reduce((sum, entry) => sum + countNotPositive(inView(entry, entry.raw.y, x)), 0)
    : 0;
  if (!range) return { y: view.log ? [-1, 0] : [0, 1], outside: 0, notPositive };
  const fixed = fixedRange(view);
  if (fixed)
    return { y: fixed, outside: values.filter((value) => value < fixed[0] || value > fixed[1]).length, notPositive };
  if (view.log) return { y: niceLogRange(range), outside: found?.outside ?? 0, notPositive };
  const most = view.unit === '%' && range[1] <= 1 ? 1 : Infinity;
  const zero = view.stacked || view.yScale === 'zero';
  return { y: niceRange(range, { zero, most }), outside: found?.outside ?? 0, notPositive };
}

/** Returns the fixed range in drawn units; null where the range is not fixed, or a logarithmic axis can't show it. */
function fixedRange({ yScale, log }: ChartView): Range | null {
  if (typeof yScale === 'string') return null;
  if (!log) return yScale;
  return yScale[0] > 0 ? [Math.log10(yScale[0]), Math.log10(yScale[1])] : null;
}

const yCount = ({ rows }: ChartView): number =>
  Math.min(Math.max(Math.floor(rows / Y_TICKS_PX), FEWEST_Y_TICKS), MOST_Y_TICKS);

const countNotPositive = (values: Float64Array): number => values.filter((value) => value <= 0).length;

/** Smooths a band as its line: the deviation is smoothed around the smoothed mean. */
function bandOf(
  { series, raw }: Ready,
  { smoothing, log }: ChartView,
  drawn: (edge: Float64Array) => Float64Array,
): NonNullable<DrawnSeries['band']> {
  const span = series.span ?? series.curve.step.at(-1) ?? 1;
  const edge = (y: Float64Array): Float64Array => {
    const smoothed =
      series.smooth === false || smoothing === 0 ? y : smooth({ step: raw.step, y }, smoothing, span, series.ends);
    // It has no logarithm: the edge is below every frame, which is not a break.
    return drawn(log ? smoothed.map((value) => (value > 0 ? Math.log10(value) : value <= 0 ? LOWEST : NaN)) : smoothed);
  };
  return { low: edge(raw.min), high: edge(raw.max) };
}

function draw(entry: Ready, view: ChartView, x: Range): DrawnSeries {
  const { series, points, raw, y } = entry;
  const drawn = (values: Float64Array): Float64Array => (view.log ? logOf(values) : values);
  const columns = Math.min(Math.max(Math.round(view.columns / 2), 50), MOST_POINTS / 2);
  const thick = y !== raw.y || series.curve.width > 1;
  const range = thick && !view.stacked && !series.band ? envelope(raw) : null;
  const [from, to] = window(raw.x, x);
  return {
    ...{ series, points },
    line: decimate(raw.x, drawn(y), x, columns),
    faint: range && range.y !== y ? decimate(range.x, drawn(range.y), x, columns) : null,
    band: series.band && !view.stacked ? bandOf(entry, view, (edge) => decimate(raw.x, edge, x, columns)) : null,
    sparse: to - from <= SPARSE,
  };
}

export function chartModel(series: readonly ChartSeries[], view: ChartView): ChartModel {
  const shown = series.filter(({ id }) => !view.hidden.has(id)).map((entry) => ready(entry, view));
  if (view.stacked) stack(shown);
  const x = xRange(shown, view);
  const { y, outside, notPositive } = yFrame(shown, view, x);
  const count = Math.max(Math.floor(view.columns / X_TICKS_PX), 2);
  return {
    ...{ x, y, outside, notPositive },
    drawn: shown.map((entry) => draw(entry, view, x)),
    xTicks: view.xAxis === 'seconds' ? timeTicks(x, count) : linearTicks(x, count, view.xAxis === 'step'),
    yTicks: view.log ? logTicks(y, yCount(view)) : linearTicks(y, yCount(view)),
    empty: shown.every(({ raw }) => raw.x.length === 0),
    notFinite: shown.reduce((sum, entry) => sum + entry.series.curve.not_finite, 0),
  };
}
