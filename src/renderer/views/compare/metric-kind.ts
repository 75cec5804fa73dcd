/** What a metric's numbers mean: their unit, and which way is better. */
import { spreadFormat } from '../../charts/value-format';
import { integer, percent, significant, signed } from '../../format/numbers';

export interface MetricKind {
  better: 'lower' | 'higher' | null;
  unit: string;
  format: (value: number) => string;
  /** A difference, signed. */
  formatDelta: (value: number) => string;
  /** A mean with its standard deviation. */
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
const share: MetricKind = {
  ...{ better: 'higher', unit: '%', format: (value) => percent(value, 2) },
  formatDelta: (value) => signed(`${(100 * Math.abs(value)).toFixed(2)} pp`, Number(value.toFixed(6))),
  formatSpread: spreadFormat('%'),
};

const KINDS: readonly [RegExp, MetricKind][] = [
  [/(^|\/)top\d/, share],
  [/(^|\/)loss/, plain('lower')],
  [/^throughput$/, plain('higher', 'img/s')],
  [/_ms$/, plain('lower', 'ms')],
  [/^memory_mb$/, { ...plain('lower', 'MB'), format: (value) => `${integer(value)} MB` }],
];

export const metricKind = (name: string): MetricKind => KINDS.find(([test]) => test.test(name))?.[1] ?? plain(null);

/** Measured accuracy first, then loss, then the rest. */
const ORDER = [/^val\/top1/, /^val\/top/, /^val\/loss/, /^val\//, /^train\/loss/, /^train\//, /^throughput/];

export function byImportance(names: readonly string[]): string[] {
  const place = (name: string): number => {
    const at = ORDER.findIndex((test) => test.test(name));
    return at < 0 ? ORDER.length : at;
  };
  return names.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
