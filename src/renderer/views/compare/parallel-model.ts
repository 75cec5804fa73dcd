/**
 * Computes parallel axes: the differences between runs, then their cost and results; a run is a line along them. Pure.
 */
import type { Comparison } from '../../../shared/contract/compare';
import type { RunSummary } from '../../../shared/contract/runs';
import { differs, fieldsOf, valueText } from './config-groups';
import type { Quantity } from './quantities';
import type { SeedGroup } from './seed-groups';
import { mean } from './spread';

export interface ParallelAxis {
  id: string;
  label: string;
  kind: Quantity['kind'];
  /** Words of a category, in the order of first occurrence; null: a number. */
  words: string[] | null;
  /** Values by group; null where it has none. For a category the index of its word. */
  values: (number | null)[];
  format: (value: number) => string;
  unit: string;
}

export interface ParallelInput {
  groups: readonly SeedGroup[];
  comparison: Comparison & { configs: Record<string, Record<string, unknown>> };
  quantities: readonly Quantity[];
}

const COMPUTED_FROM_OTHERS = /^(schedule\.stages|name)$/;

function meanOf({ runs }: SeedGroup, valueOf: (run: RunSummary) => number | null): number | null {
  const values = runs.map(valueOf).filter((value) => value !== null && Number.isFinite(value)) as number[];
  return values.length ? mean(values) : null;
}

function numbers(quantity: Quantity, groups: readonly SeedGroup[]): ParallelAxis {
  const { id, label, kind, unit, format, valueOf } = quantity;
  return { id, label, kind, unit, format, words: null, values: groups.map((group) => meanOf(group, valueOf)) };
}

function words(field: string, { groups, comparison }: ParallelInput): ParallelAxis {
  const textOf = ({ runs: [run] }: SeedGroup): string =>
    field === 'dataset' ? (run.dataset_name ?? run.dataset) : valueText(comparison.configs[run.id]?.[field]);
  const texts = groups.map(textOf);
  const found = [...new Set(texts)];
  const format = (at: number): string => found[at] ?? '';
  return {
    id: `field ${field}`,
    label: field,
    kind: 'field',
    unit: '',
    words: found,
    values: texts.map((text) => found.indexOf(text)),
    format,
  };
}

/** Returns every axis: configuration that differs between groups first, then cost, then metrics. */
export function parallelAxes(input: ParallelInput): ParallelAxis[] {
  const { groups, comparison, quantities } = input;
  const configs = groups.map(({ runs: [run] }) => comparison.configs[run.id]);
  const numeric = new Map(
    quantities.filter(({ kind }) => kind === 'field').map((quantity) => [quantity.label, quantity]),
  );
  const configured = fieldsOf(configs)
    .filter((field) => !COMPUTED_FROM_OTHERS.test(field) && differs(configs.map((config) => config?.[field])))
    .map((field) => {
      const quantity = numeric.get(field);
      const all = configs.every((config) => typeof config?.[field] === 'number');
      return quantity && all ? numbers(quantity, groups) : words(field, input);
    });
  const measured = quantities.filter(({ kind }) => kind !== 'field').map((quantity) => numbers(quantity, groups));
  return [...configured, ...measured].filter(({ values }) => values.some((value) => value !== null));
}

const FIELDS_AT_FIRST = 6;
const MEASURED_AT_FIRST = ['spent', 'time', 'metric val/loss'];

/**
 * Returns the axes that are shown before the user has chosen any. @param headline series by which the runs are judged;
 * null: none in common
 */
export function firstAxes(axes: readonly ParallelAxis[], headline: string | null): string[] {
  const measured = new Set([...MEASURED_AT_FIRST, `metric ${headline}`]);
  const fields = axes.filter(({ kind }) => kind === 'field').slice(0, FIELDS_AT_FIRST);
  return [...fields, ...axes.filter(({ id }) => measured.has(id))].map(({ id }) => id);
}
