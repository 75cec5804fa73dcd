/** Formats a metric's value: an accuracy in percent, a loss as a number, a speed with its unit. */
import { metricOf } from '../../shared/metrics';
import { percent, significant } from './numbers';

/** Formats a value. @param name of the series in the store @param digits decimals of a percentage */
export function metricValue(name: string, value: number | null | undefined, digits = 1): string {
  const { unit } = metricOf(name);
  if (unit === 'fraction') return percent(value, digits);
  const written = significant(value);
  return unit === '' || unit === 'count' || written === '–' ? written : `${written} ${unit}`;
}

/** Says whether values of a series are shares, which are shown in percent. */
export const isShare = (name: string): boolean => metricOf(name).unit === 'fraction';
