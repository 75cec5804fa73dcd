/** Gives the unit and the better direction of a metric. */
import { spreadFormat } from '../../charts/value-format';
import { metricOf } from '../../../shared/metrics';
import { integer, percent, significant, signed } from '../../format/numbers';

export interface MetricKind {
  better: 'lower' | 'higher' | null;
  unit: string;
  format: (value: number) => string;
  /** Formats a signed difference. */
  formatDelta: (value: number) => string;
  /** Formats a mean with its standard deviation. */
  formatSpread: (value: number, spread: number) => string;
}

const plain = (better: MetricKind['better'], unit = ''): MetricKind => {
  const written = (value: number): string => significant(value) + (unit && ` ${unit}`);
  return {
    ...{ better, unit, format: written, formatDelta: (value) => signed(written(Math.abs(value)), value) },
    formatSpread: spreadFormat(unit),
  };
};

/** Accuracies are fractions; their differences are percentage points. */
const share = (digits: number, better: MetricKind['better']): MetricKind => ({
  ...{ better, unit: '%', format: (value) => percent(value, digits) },
  formatDelta: (value) =>
    signed(`${(100 * Math.abs(value)).toFixed(digits)} pp`, Number((100 * value).toFixed(digits))),
  formatSpread: spreadFormat('%', digits),
});

/** Returns the kind. @param digits decimals of percentages: one on screen, two in files */
export function metricKind(name: string, digits = 1): MetricKind {
  const { unit, better } = metricOf(name);
  if (unit === 'fraction') return share(digits, better);
  const kind = plain(better, unit === 'count' ? '' : unit);
  return unit === 'MB' ? { ...kind, format: (value) => `${integer(value)} MB` } : kind;
}

/** Series that count the run itself, where neither direction is better. */
const COUNTS = new Set(['epoch', 'val/images']);

export const isCompared = (name: string): boolean => !COUNTS.has(name);

/** Measured accuracy first, then loss, then the rest. */
const ORDER = [
  /^val\/top1/,
  /^val\/top/,
  /^val\/knn/,
  /^val\/loss/,
  /^val\//,
  /^train\/loss/,
  /^train\//,
  /^throughput/,
];

export function byImportance(names: readonly string[]): string[] {
  const place = (name: string): number => {
    const at = ORDER.findIndex((test) => test.test(name));
    return at < 0 ? ORDER.length : at;
  };
  return names.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
