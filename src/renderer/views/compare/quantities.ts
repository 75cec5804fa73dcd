/**
 * What a run can be placed by in a scatter or on parallel axes: what it cost, what came out, what was configured. Pure.
 */
import type { Comparison } from '../../../shared/contract/compare';
import type { RunSummary } from '../../../shared/contract/runs';
import { significant } from '../../format/numbers';
import { differs, fieldsOf } from './config-groups';
import { byImportance, isCompared, metricKind } from './metric-kind';
import type { Statistic } from './table-parts';

export const SPENT = 'spent';

export interface Quantity {
  id: string;
  label: string;
  /** `%`: values are fractions; `s`: seconds; else written behind them. */
  unit: string;
  better: 'lower' | 'higher' | null;
  kind: 'cost' | 'metric' | 'field';
  format: (value: number) => string;
  valueOf: (run: RunSummary) => number | null;
}

export interface QuantityInput {
  runs: readonly RunSummary[];
  comparison: Comparison & { configs: Record<string, Record<string, unknown>> };
  statistic: Statistic;
  word: (key: string) => string;
  /** A metric's name for people. */
  metricName: (key: string) => string;
  duration: (seconds: number) => string;
}

function costs({ comparison, word, duration }: QuantityInput): Quantity[] {
  const spent = new Map(comparison.runs.map(({ id, equivalent_epochs_done }) => [id, equivalent_epochs_done]));
  const cost = { better: 'lower', kind: 'cost', unit: '', format: (value: number) => significant(value) } as const;
  return [
    { ...cost, id: SPENT, label: word('spent'), valueOf: ({ id }) => spent.get(id) ?? null },
    { ...cost, id: 'planned', label: word('compute'), valueOf: (run) => run.equivalent_epochs },
    {
      ...cost,
      id: 'time',
      label: word('time'),
      unit: 's',
      format: duration,
      valueOf: (run) => run.wall_seconds || null,
    },
  ];
}

function metrics({ runs, comparison, statistic, metricName }: QuantityInput): Quantity[] {
  return byImportance(Object.keys(comparison.metrics).filter(isCompared)).flatMap((name) => {
    const { better, unit, format } = metricKind(name);
    const found = comparison.metrics[name];
    // What has no better has no best either: its last value then.
    const valueOf = ({ id }: RunSummary): number | null => found?.[id]?.[statistic] ?? found?.[id]?.last ?? null;
    if (runs.every((run) => valueOf(run) === null)) return [];
    return [{ id: `metric ${name}`, label: metricName(name), unit, better, kind: 'metric' as const, format, valueOf }];
  });
}

/** Numbers of the configuration that are not the same in all runs. */
function fields({ runs, comparison }: QuantityInput): Quantity[] {
  const configs = runs.map(({ id }) => comparison.configs[id]);
  return fieldsOf(configs).flatMap((field) => {
    const values = configs.map((config) => config?.[field]);
    if (
      !differs(values) ||
      !values.every((value) => typeof value === 'number' || value === null || value === undefined)
    )
      return [];
    const valueOf = ({ id }: RunSummary): number | null =>
      (comparison.configs[id]?.[field] as number | null | undefined) ?? null;
    const format = (value: number): string => String(Number(value.toPrecision(6)));
    return [{ id: `field ${field}`, label: field, unit: '', better: null, kind: 'field' as const, format, valueOf }];
  });
}

export const quantitiesOf = (input: QuantityInput): Quantity[] => [
  ...costs(input),
  ...metrics(input),
  ...fields(input),
];
