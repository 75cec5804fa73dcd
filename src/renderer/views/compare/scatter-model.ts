/** Computes a scatter's points, axes and front from the compared runs. Pure. */
import { linearTicks, logTicks, niceLogRange, niceRange, timeTicks, type Range, type Ticks } from '../../charts/scale';
import { tickFormat, type Format } from '../../charts/value-format';
import type { Quantity } from './quantities';
import type { SeedGroup } from './seed-groups';
import { mean, std } from './spread';

export const COLOURS = ['model', 'preset', 'dataset', 'run'] as const;
export type ColourBy = (typeof COLOURS)[number];

export interface ScatterPoint {
  group: SeedGroup;
  x: number;
  y: number;
  /** One standard deviation over seeds; null for a single run. */
  spreadX: number | null;
  spreadY: number | null;
  category: string;
}

export interface ScatterAxis {
  quantity: Quantity;
  /** The range in drawn units, which are logarithms on a logarithmic axis. */
  range: Range;
  ticks: Ticks;
  log: boolean;
  format: Format;
  /** Converts a natural value to a drawn one. */
  drawn: (value: number) => number;
}

export interface ScatterModel {
  points: ScatterPoint[];
  /** Runs that lack one of the two values. */
  without: SeedGroup[];
  x: ScatterAxis;
  y: ScatterAxis;
  /** Categories in the order of their first point. `series`: number of its colour and marker. */
  categories: { name: string; series: number }[];
  /** Points that no other exceeds in both, by x; empty where neither direction is better. */
  front: ScatterPoint[];
  /** Width of the plot in px. */
  columns: number;
  rows: number;
}

export interface ScatterInput {
  groups: readonly SeedGroup[];
  x: Quantity;
  y: Quantity;
  colour: ColourBy;
  duration: (seconds: number) => string;
  columns: number;
  rows: number;
}

/** From this factor on a field's values are shown as decades, as learning rates are. */
const DECADES = 20;
/** Costs closer to each other than this share are shown from zero on: a thousandth is no visible difference. */
const NEAR = 0.05;
const PX = { x: 90, y: 44 } as const;

function categoryOf({ runs: [run], name }: SeedGroup, colour: ColourBy): string {
  if (colour === 'run') return name;
  if (colour === 'dataset') return run.dataset_name ?? run.dataset;
  return run[colour];
}

function axisOf(
  quantity: Quantity,
  points: readonly number[],
  { pixels, per }: { pixels: number; per: number },
  input: ScatterInput,
) {
  const [low, high] = points.length ? [Math.min(...points), Math.max(...points)] : [0, 1];
  const log = quantity.kind === 'field' && low > 0 && high / low >= DECADES;
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
  const format = seconds ? input.duration : tickFormat(quantity.unit === '%' ? '%' : '', ticks.step, range);
  return { quantity, range, log, format, ticks, drawn: (value: number) => value };
}

const DIGITS = 3;

/**
 * Returns the points that no other exceeds: cheaper and at least as good, or as cheap and better. Costs that agree to
 * three digits are equal.
 */
export function frontOf(points: readonly ScatterPoint[], x: Quantity['better'], y: Quantity['better']): ScatterPoint[] {
  if (!x || !y) return [];
  const cost = (point: ScatterPoint): number => Number((x === 'lower' ? point.x : -point.x).toPrecision(DIGITS));
  const loss = (point: ScatterPoint): number => (y === 'lower' ? point.y : -point.y);
  const sorted = points.toSorted((a, b) => cost(a) - cost(b) || loss(a) - loss(b));
  let least = Infinity;
  return sorted.filter((point) => {
    const better = loss(point) < least;
    least = Math.min(least, loss(point));
    return better;
  });
}

/** Numbers a category as a run, so that colour and marker of neighbours both differ. */
const distinct = (at: number): number => (at % 8) + 8 * ((at + Math.floor(at / 8)) % 4);

const valuesOf = ({ runs }: SeedGroup, { valueOf }: Quantity): number[] =>
  runs.map(valueOf).filter((value) => value !== null && Number.isFinite(value)) as number[];

export function scatterModel(input: ScatterInput): ScatterModel {
  const { groups, x, y, colour, columns, rows } = input;
  const points: ScatterPoint[] = [];
  const without: SeedGroup[] = [];
  for (const group of groups) {
    const [xs, ys] = [valuesOf(group, x), valuesOf(group, y)];
    if (!xs.length || !ys.length) without.push(group);
    else
      points.push({
        ...{ group, x: mean(xs), y: mean(ys), spreadX: std(xs), spreadY: std(ys) },
        category: categoryOf(group, colour),
      });
  }
  const ends = (of: 'x' | 'y', spread: 'spreadX' | 'spreadY'): number[] =>
    points.flatMap((point) => [point[of] - (point[spread] ?? 0), point[of] + (point[spread] ?? 0)]);
  const names = [...new Set(points.map(({ category }) => category))];
  return {
    ...{ points, without, columns, rows },
    x: axisOf(x, ends('x', 'spreadX'), { pixels: columns, per: PX.x }, input),
    y: axisOf(y, ends('y', 'spreadY'), { pixels: rows, per: PX.y }, input),
    categories: names.map((name, at) => ({
      name,
      series: colour === 'run' ? (points.find(({ category }) => category === name)?.group.series ?? at) : distinct(at),
    })),
    front: frontOf(points, x.better, y.better),
  };
}
