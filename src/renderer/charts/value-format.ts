/** Formats the values of a chart: exact enough for reading, and short on the axis. */
import { integer, percent, significant } from '../format/numbers';
import type { Range } from './scale';

export type Format = (value: number) => string;

/** Makes a format; `%` means that values are fractions. */
export function valueFormat(unit: string): Format {
  if (unit === '%') return (value) => percent(value);
  if (unit === 'ms') return (value) => (value > 0 && value < LEAST_MS ? `< ${LEAST_MS} ms` : withUnit(value, unit));
  return (value) => withUnit(value, unit);
}

/** Below this many ms a clock is not precise. */
const LEAST_MS = 0.01;

const withUnit = (value: number, unit: string): string =>
  unit && Number.isFinite(value) ? `${significant(value)} ${unit}` : significant(value);

/** Formats a mean with its standard deviation. @param digits decimals of percentages */
export function spreadFormat(unit: string, digits = 1): (value: number, spread: number) => string {
  if (unit === '%') return (value, spread) => `${(100 * value).toFixed(digits)} ± ${(100 * spread).toFixed(digits)} %`;
  return (value, spread) => `${significant(value)} ± ${significant(spread, 2)}${unit && ` ${unit}`}`;
}

function decimals(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

const SMALL = 1e-2;

/** Formats ticks `step` apart in `range`; a step of 0 means a logarithmic axis. */
export function tickFormat(unit: string, step: number, [low, high]: Range = [0, 1]): Format {
  if (unit === '%') return (value) => `${(100 * value).toFixed(step ? Math.min(decimals(step * 100), 4) : 0)} %`;
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const powers = step > 0 && (largest < SMALL || largest >= 1e7);
  const digits = powers ? Math.min(digitsBetween(largest, step), 3) : 0;
  return (value) => {
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (powers || size < 1e-3 || size >= 1e7) return value.toExponential(powers ? digits : 0);
    if (!step) return String(Number(value.toPrecision(2)));
    return size >= 1000 ? integer(value) : value.toFixed(Math.min(decimals(step), 6));
  };
}

/** Returns the decimals of the mantissa that distinguish neighbours. */
const digitsBetween = (size: number, step: number): number =>
  Math.max(0, Math.floor(Math.log10(size) + 1e-9) - Math.floor(Math.log10(step) + 1e-9));
