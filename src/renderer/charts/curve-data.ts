/** Prepares curves for drawing: the chosen x, gaps, smoothing, thinning to what the pixels can show. All pure. */
import type { Curve } from '../../shared/contract/metrics';
import type { Range } from './scale';

export const X_AXES = ['step', 'epoch', 'equivalent_epochs', 'seconds'] as const;
export type XAxis = (typeof X_AXES)[number];

/** Points of a curve on one x; a row whose y is NaN breaks the line. */
export interface CurvePoints {
  x: Float64Array;
  y: Float64Array;
  min: Float64Array;
  max: Float64Array;
  step: Float64Array;
}

/**
 * Makes the points. A value that is not finite leaves a gap, and a stage's end breaks the line: later values were
 * measured on other images.
 * @param ends last step of each stage that the line is broken at
 */
export function pointsOf(curve: Curve, axis: XAxis, ends: readonly number[] = []): CurvePoints {
  const count = curve.step.length;
  const breaks = breaksOf(curve, ends);
  const size = count + breaks.length;
  const made: CurvePoints = {
    ...{
      x: new Float64Array(size),
      y: new Float64Array(size),
      min: new Float64Array(size),
      max: new Float64Array(size),
    },
    step: new Float64Array(size),
  };
  const x = curve[axis];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (breaks[at] === index) {
      const row = index + at++;
      made.x[row] = x[Math.max(index - 1, 0)] as number;
      made.step[row] = curve.step[Math.max(index - 1, 0)] as number;
      made.y[row] = made.min[row] = made.max[row] = NaN;
    }
    const row = index + at;
    made.x[row] = x[index] as number;
    made.step[row] = curve.step[index] as number;
    // The mean of a bucket with steps of two stages belongs to neither.
    made.y[row] = ends.length && straddles(curve, index, ends) ? NaN : (curve.mean[index] as number);
    made.min[row] = curve.min[index] as number;
    made.max[row] = curve.max[index] as number;
  }
  return made;
}

function straddles({ step, width }: Curve, index: number, ends: readonly number[]): boolean {
  const last = step[index] as number;
  const first = Math.floor(last / width) * width;
  const end = ends[firstAfter(ends, first - 1)];
  return end !== undefined && end < last;
}

/** Returns indices before which the line is broken, each once. */
function breaksOf({ step, gaps }: Curve, ends: readonly number[]): number[] {
  const found = new Set<number>();
  for (const gap of [...gaps, ...ends]) {
    const index = firstAfter(step, gap);
    if (index > 0 && index < step.length) found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}

/** Returns the first index whose value is larger. */
export function firstAfter(sorted: ArrayLike<number>, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Number of steps of a run to which smoothing is scaled: the same weight looks the same on a short and on a long run,
 * however it was thinned.
 */
const SCALE = 1000;

/**
 * Smooths by an exponential moving average with bias correction. `weight` is the share of the past that remains after
 * one step (of a run of up to 1,000 steps; after a thousandth of a longer one), so that sparse and thinned points are
 * weighted by their steps. `span`: steps of the run. After each of `ends` the average starts anew, because it would
 * otherwise draw a transient that is not there.
 */
export function smooth(
  { step, y }: Pick<CurvePoints, 'step' | 'y'>,
  weight: number,
  span: number,
  ends: readonly number[] = [],
): Float64Array {
  const out = new Float64Array(y.length);
  if (weight <= 0) {
    out.set(y);
    return out;
  }
  const unit = SCALE / Math.max(span, SCALE);
  let [average, mass, last, stage] = [0, 0, NaN, 0];
  for (let index = 0; index < y.length; index++) {
    const value = y[index] as number;
    if (Number.isNaN(value)) {
      out[index] = NaN;
      continue;
    }
    const at = step[index] as number;
    if (at > (ends[stage] ?? Infinity)) {
      [average, mass, last] = [0, 0, NaN];
      stage = firstAfter(ends, at - 1);
    }
    const kept = weight ** (Number.isNaN(last) ? unit : Math.max(at - last, 1) * unit);
    average = kept * average + (1 - kept) * value;
    mass = kept * mass + (1 - kept);
    last = at;
    out[index] = average / mass;
  }
  return out;
}

/**
 * Returns indices of the part of `x` to draw: those in the range and one on either side, so that the line reaches the
 * edge.
 */
export function window(x: Float64Array, range: Range): [number, number] {
  return [Math.max(firstAfter(x, range[0]) - 2, 0), Math.min(firstAfter(x, range[1]) + 1, x.length)];
}

/**
 * Thins to [x, y, x, y, ...] with at most about four points a column: its first, lowest, highest and last, so no peak
 * is lost. Breaks stay.
 * @param columns width of the range in pixels
 */
export function decimate(x: Float64Array, y: Float64Array, range: Range, columns: number): Float64Array {
  const [from, to] = window(x, range);
  if (to - from <= 4 * columns) return flat(x, y, from, to);
  const width = (range[1] - range[0]) / columns || 1;
  const kept: number[] = [];
  let start = from;
  while (start < to) {
    const column = Math.floor(((x[start] as number) - range[0]) / width);
    let [low, high, end, broken] = [start, start, start, false];
    for (; end < to && Math.floor(((x[end] as number) - range[0]) / width) === column; end++) {
      const value = y[end] as number;
      if (Number.isNaN(value)) broken = true;
      if (value < (y[low] as number) || Number.isNaN(y[low])) low = end;
      if (value > (y[high] as number) || Number.isNaN(y[high])) high = end;
    }
    const rows = [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
    for (const row of rows) kept.push(x[row] as number, y[row] as number);
    if (broken) kept.push(x[end - 1] as number, NaN);
    start = end;
  }
  return Float64Array.from(kept);
}

function flat(x: Float64Array, y: Float64Array, from: number, to: number): Float64Array {
  const made = new Float64Array(2 * (to - from));
  for (let row = from; row < to; row++) {
    made[2 * (row - from)] = x[row] as number;
    made[2 * (row - from) + 1] = y[row] as number;
  }
  return made;
}

/**
 * Draws both extremes of every bucket as one line, the nearer one first: as dense as pixels it is the band that the
 * points fill.
 */
export function envelope({ x, y, min, max }: CurvePoints): { x: Float64Array; y: Float64Array } {
  if (x.length === 0 || min.every((value, row) => value === max[row] || Number.isNaN(value))) return { x, y };
  const made = { x: new Float64Array(2 * x.length), y: new Float64Array(2 * x.length) };
  let last = y[0] as number;
  for (let row = 0; row < x.length; row++) {
    const [low, high] = [min[row] as number, max[row] as number];
    const rising = Math.abs(low - last) <= Math.abs(high - last);
    made.x[2 * row] = made.x[2 * row + 1] = x[row] as number;
    made.y[2 * row] = rising ? low : high;
    last = made.y[2 * row + 1] = rising ? high : low;
  }
  return made;
}

/** Returns the index of the row with a value that is nearest to `at`; -1 where there is none. */
export function nearest({ x, y }: Pick<CurvePoints, 'x' | 'y'>, at: number): number {
  const middle = firstAfter(x, at);
  let [left, right] = [middle - 1, middle];
  while (left >= 0 && Number.isNaN(y[left])) left--;
  while (right < x.length && Number.isNaN(y[right])) right++;
  if (left < 0) return right < x.length ? right : -1;
  if (right >= x.length) return left;
  return at - (x[left] as number) <= (x[right] as number) - at ? left : right;
}

/** Outliers are further out than the width of the middle 98 % of all values; fewer points than this have none. */
const FEWEST = 50;

/**
 * Returns the range of all values, or of all but a few outliers, beside which the rest would be a flat line.
 * @param values finite @param kept a range that has to stay in view
 */
export function frame(values: Float64Array, kept: Range | null): { range: Range; outside: number } | null {
  if (values.length === 0 && !kept) return null;
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  const [keptLow, keptHigh] = kept ?? [Infinity, -Infinity];
  const all: Range = [Math.min(sorted[0] ?? Infinity, keptLow), Math.max(sorted.at(-1) ?? -Infinity, keptHigh)];
  if (sorted.length < FEWEST) return { range: all, outside: 0 };
  const [low, high] = [at(0.01), at(0.99)];
  const spread = high - low;
  const [least, most] = [Math.min(low - spread, keptLow), Math.max(high + spread, keptHigh)];
  if (spread === 0 || (all[0] >= least && all[1] <= most)) return { range: all, outside: 0 };
  const inside = sorted.filter((value) => value >= least && value <= most);
  return {
    range: [Math.min(inside[0] ?? low, keptLow), Math.max(inside.at(-1) ?? high, keptHigh)],
    outside: sorted.length - inside.length,
  };
}
