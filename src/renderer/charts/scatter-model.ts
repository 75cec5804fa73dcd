/** Computes a scatter's axes, categories and front from its points. Pure. */
import { linearTicks, logTicks, niceLogRange, niceRange, timeTicks, toShare, type Range, type Ticks } from './scale';
import { spreadFormat, tickFormat, type Format } from './value-format';

export interface ScatterQuantity {
  label: string;
  /** `%`: values are fractions; `s`: seconds; any other unit is written after them. */
  unit: string;
  better: 'lower' | 'higher' | null;
  kind: 'cost' | 'metric' | 'field';
  /** Whether values that lie far apart are drawn on a logarithmic axis. */
  decades?: boolean;
  format: Format;
}

export interface ScatterPoint {
  id: string;
  name: string;
  /** The text beside the point; empty: none. */
  label: string;
  x: number;
  y: number;
  /** One standard deviation over seeds; null for a single run. */
  spreadX: number | null;
  spreadY: number | null;
  category: string;
  /** Whether it is drawn as an outline. */
  hollow?: boolean;
}

export interface ScatterAxis {
  quantity: ScatterQuantity;
  /** The range in drawn units, which are logarithms on a logarithmic axis. */
  range: Range;
  ticks: Ticks;
  log: boolean;
  format: Format;
  /** Converts a natural value to a drawn one. */
  drawn: (value: number) => number;
}

/** Returns a natural value's place along an axis, as a share of its length. */
export const placeAlong = ({ drawn, range }: ScatterAxis, value: number): number => toShare(drawn(value), range);

export interface ScatterModel<Point extends ScatterPoint = ScatterPoint> {
  points: readonly Point[];
  /** Lines, each through points of one category. */
  links: readonly (readonly Point[])[];
  x: ScatterAxis;
  y: ScatterAxis;
  /** Categories in the order of their first point. `series`: number of its colour and marker. */
  categories: { name: string; series: number }[];
  /** Points that no other exceeds in both, by x; empty where neither direction is better. */
  front: Point[];
  /** Width of the plot in px. */
  columns: number;
  rows: number;
}

export interface ScatterInput<Point extends ScatterPoint> {
  points: readonly Point[];
  links?: readonly (readonly Point[])[];
  x: ScatterQuantity;
  y: ScatterQuantity;
  /** Returns the number of a category's colour and marker; the default distinguishes neighbours by both. */
  seriesOf?: (category: string, at: number) => number;
  duration: (seconds: number) => string;
  columns: number;
  rows: number;
}

/** From this factor on values are drawn in decades, where their quantity allows it. */
const DECADES = 20;
/** Costs closer to each other than this share are shown from zero on: a thousandth is no visible difference. */
const NEAR = 0.05;
const PX = { x: 90, y: 44 } as const;

function axisOf(
  quantity: ScatterQuantity,
  points: readonly number[],
  { pixels, per }: { pixels: number; per: number },
  duration: Format,
): ScatterAxis {
  const [low, high] = points.length ? [Math.min(...points), Math.max(...points)] : [0, 1];
  const log = quantity.decades === true && low > 0 && high / low >= DECADES;
  const count = Math.max(Math.floor(pixels / per), 2);
  if (log) {
    const range = niceLogRange([Math.log10(low), Math.log10(high)]);
    const format = tickFormat('', 0);
    return { quantity, range, log, format, ticks: logTicks(range, count), drawn: (value: number) => Math.log10(value) };
  }
  const near = quantity.kind === 'cost' && high - low < NEAR * high;
  const most = quantity.unit === '%' && high <= 1 ? 1 : Infinity;
  const range = niceRange([near ? 0 : low, high], { most, count: Math.max(count, 5) });
  const seconds = quantity.unit === 's';
  const ticks = seconds ? timeTicks(range, count) : linearTicks(range, count);
  const format = seconds ? duration : tickFormat(quantity.unit === '%' ? '%' : '', ticks.step, range);
  return { quantity, range, log, format, ticks, drawn: (value: number) => value };
}

const DIGITS = 3;

/**
 * Returns the points that no other exceeds: cheaper and at least as good, or as cheap and better. Costs that agree to
 * three digits are equal.
 */
export function frontOf<Point extends ScatterPoint>(
  points: readonly Point[],
  x: ScatterQuantity['better'],
  y: ScatterQuantity['better'],
): Point[] {
  if (!x || !y) return [];
  const cost = (point: Point): number => Number((x === 'lower' ? point.x : -point.x).toPrecision(DIGITS));
  const loss = (point: Point): number => (y === 'lower' ? point.y : -point.y);
  const sorted = points.toSorted((a, b) => cost(a) - cost(b) || loss(a) - loss(b));
  let least = Infinity;
  return sorted.filter((point) => {
    const better = loss(point) < least;
    least = Math.min(least, loss(point));
    return better;
  });
}

/** Numbers a category as a run, so that colour and marker of neighbours both differ. */
export const distinctSeries = (at: number): number => (at % 8) + 8 * ((at + Math.floor(at / 8)) % 4);

export function scatterModel<Point extends ScatterPoint>(input: ScatterInput<Point>): ScatterModel<Point> {
  const { points, links = [], x, y, seriesOf, duration, columns, rows } = input;
  const ends = (of: 'x' | 'y', spread: 'spreadX' | 'spreadY'): number[] =>
    points.flatMap((point) => [point[of] - (point[spread] ?? 0), point[of] + (point[spread] ?? 0)]);
  const names = [...new Set(points.map(({ category }) => category))];
  return {
    ...{ points, links, columns, rows },
    x: axisOf(x, ends('x', 'spreadX'), { pixels: columns, per: PX.x }, duration),
    y: axisOf(y, ends('y', 'spreadY'), { pixels: rows, per: PX.y }, duration),
    categories: names.map((name, at) => ({ name, series: seriesOf?.(name, at) ?? distinctSeries(at) })),
    front: frontOf(points, x.better, y.better),
  };
}

/** Formats a value with its spread over seeds. */
export function valueText(value: number, spread: number | null, { format, unit }: ScatterQuantity): string {
  if (!spread) return format(value);
  return unit === 's' ? `${format(value)} ± ${format(spread)}` : spreadFormat(unit)(value, spread);
}
