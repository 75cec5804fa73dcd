/** Quantities that place a run in a scatter or on parallel axes: cost, results, configuration. Pure. */
import type { Comparison } from '../../../shared/contract/compare';
import type { RunSummary } from '../../../shared/contract/runs';
import type { ScatterQuantity } from '../../charts/scatter-model';
import { significant } from '../../format/numbers';
import { differs, fieldsOf } from './config-groups';
import { byImportance, isCompared, metricKind } from './metric-kind';
import type { Statistic } from './table-parts';

export const SPENT = 'spent';

export interface Quantity extends ScatterQuantity {
  id: string;
  valueOf: (run: RunSummary) => number | null;
}

export interface QuantityInput {
  runs: readonly RunSummary[];
  comparison: Comparison & { configs: Record<string, Record<string, unknown>> };
  statistic: Statistic;
  word: (key: string) => string;
  /** Returns a metric's name for people. */
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
    // A metric without a better direction has no best value; its last one is used.
    const valueOf = ({ id }: RunSummary): number | null => found?.[id]?.[statistic] ?? found?.[id]?.last ?? null;
    if (runs.every((run) => valueOf(run) === null)) return [];
    return [{ id: `metric ${name}`, label: metricName(name), unit, better, kind: 'metric' as const, format, valueOf }];
  });
}

/** Returns the numbers of the configuration that differ between runs. */
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
    const quantity = { label: field, unit: '', better: null, kind: 'field', decades: true } as const;
    return [{ ...quantity, id: `field ${field}`, format, valueOf }];
  });
}

export const quantitiesOf = (input: QuantityInput): Quantity[] => [
  ...costs(input),
  ...metrics(input),
  ...fields(input),
];
