/** Axes: round ticks in linear, logarithmic and time steps, and the conversion between values and pixels. */
export type Range = readonly [number, number];

export interface Ticks {
  values: number[];
  /** Distance between two ticks; 0 for a logarithmic axis. */
  step: number;
}

const ROUND = [1, 2, 5, 10];
/** Round numbers of seconds. */
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Returns the smallest of 1, 2, 5 times a power of ten that needs at most `count` steps. */
export function roundStep(span: number, count: number): number {
  const least = span / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  return (ROUND.find((round) => round * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export function linearTicks([low, high]: Range, count: number, whole = false): Ticks {
  const step = Math.max(roundStep(high - low, count), whole ? 1 : 0);
  return { values: multiples(low, high, step), step };
}

/** Makes ticks of seconds: steps of seconds, minutes, hours and days. */
export function timeTicks([low, high]: Range, count: number): Ticks {
  const least = (high - low) / Math.max(count, 1);
  if (least < 1) return linearTicks([low, high], count);
  const step = TIMES.find((time) => time >= least) ?? 86_400 * roundStep((high - low) / 86_400, count);
  return { values: multiples(low, high, step), step };
}

/** Makes ticks in log10, as is `range`: whole decades, with 2 and 5 between them where there are few. */
export function logTicks([low, high]: Range, count: number): Ticks {
  const decades = high - low;
  const inside = (value: number): boolean => value >= low - 1e-9 && value <= high + 1e-9;
  if (decades > count) return { values: multiples(low, high, Math.ceil(decades / count)), step: 0 };
  const between = decades > count / 3 ? [1] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const values: number[] = [];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++)
    values.push(...between.map((part) => decade + Math.log10(part)).filter(inside));
  return { values, step: 0 };
}

/** Margin above and below, as a share of the values' span. */
const MARGIN = 0.05;
/** The frame moves by this part of a tick's step, so that the frame of a live curve seldom moves. */
const SNAPS = 5;

/**
 * Returns the range of the values with a margin of 5 %. It does not pass 0 where no value does. @param zero whether it
 * begins at 0
 */
export function niceRange([low, high]: Range, { zero = false, most = Infinity, count = 5 } = {}): Range {
  const span = high - low || Math.abs(high) || 1;
  const least = low >= 0 ? 0 : -Infinity;
  const base = zero ? Math.min(low, 0) : Math.max(low - MARGIN * span, least);
  const top = Math.max(high + MARGIN * span, base + 1e-12);
  const snap = roundStep(top - base, count) / SNAPS;
  return [Math.floor(base / snap + 1e-9) * snap, Math.min(Math.ceil(top / snap - 1e-9) * snap, Math.max(most, high))];
}

/** Adds a margin in log10. */
export function niceLogRange([low, high]: Range): Range {
  const span = high - low || 1;
  return [low - 0.04 * span, high + 0.04 * span];
}

export const toShare = (value: number, [low, high]: Range): number => (value - low) / (high - low || 1);
export const fromShare = (share: number, [low, high]: Range): number => low + share * (high - low);
