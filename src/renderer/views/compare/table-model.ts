/** The comparison as a table: what the screen shows and what is exported are the same cells. Pure. */
import type { Comparison } from '../../../shared/contract/compare';
import type { RunSummary } from '../../../shared/contract/runs';
import { percent, significant, signed, times } from '../../format/numbers';
import { CONFIG_GROUPS, differs, exactText, fieldsOf, groupOf, valueText } from './config-groups';
import { byImportance, metricKind } from './metric-kind';
import type { Published } from './published';
import type { Cost } from './same-accuracy';

export const STATISTICS = ['best', 'last', 'min', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];

export const GROUPS = ['result', 'cost', ...CONFIG_GROUPS] as const;
export type Group = (typeof GROUPS)[number];

export interface Delta {
  text: string;
  up: boolean;
  /** Null: neither is better, or it is the same. */
  better: boolean | null;
}

export interface Cell {
  text: string;
  title: string;
  /** What files get: a number in full, else the text. */
  value: number | string | null;
  delta: Delta | null;
  /** The best of its row. */
  best: boolean;
}

export interface TableRow {
  id: string;
  group: Group;
  label: string;
  /** Names of the configuration stand in its own letters. */
  field: boolean;
  cells: Cell[];
  differs: boolean;
}

export interface TableInput {
  /** Baseline first. */
  runs: readonly RunSummary[];
  comparison: Comparison & { configs: Record<string, Record<string, unknown>> };
  published: readonly Published[];
  costs: readonly (Cost | null)[];
  accuracy: number | null;
  statistic: Statistic;
  /** Whether accuracies of these runs mean the same. */
  comparable: boolean;
  word: (key: string, values?: Record<string, unknown>) => string;
  duration: (seconds: number) => string;
}

const NONE: Cell = { text: '–', title: '', value: null, delta: null, best: false };

interface NumberRow {
  id: string;
  group: Group;
  label: string;
  values: readonly (number | null)[];
  better: 'lower' | 'higher' | null;
  format: (value: number) => string;
  formatDelta: (value: number) => string;
  titles?: readonly string[];
  /** Whether best and better may be said. */
  judged?: boolean;
}

function deltaOf(value: number, base: number, { better, formatDelta, judged = true }: NumberRow): Delta {
  const by = value - base;
  const good = by === 0 || !better || !judged ? null : better === 'lower' ? by < 0 : by > 0;
  return { text: formatDelta(by), up: by > 0, better: good };
}

function numberRow(row: NumberRow): TableRow {
  const { id, group, label, values, better, format, titles = [], judged = true } = row;
  const known = values.filter((value) => value !== null);
  const top = !better || !judged || known.length < 2 ? null : better === 'lower' ? Math.min(...known) : Math.max(...known);
  const base = values[0] ?? null;
  const cells = values.map((value, at): Cell => {
    if (value === null) return { ...NONE, title: titles[at] ?? '' };
    return {
      text: format(value),
      title: titles[at] ?? String(value),
      value,
      delta: at === 0 || base === null ? null : deltaOf(value, base, row),
      best: value === top && new Set(known).size > 1,
    };
  });
  return { id, group, label, field: false, cells, differs: differs(values) };
}

function resultRows({ runs, comparison, statistic, comparable, word }: TableInput): TableRow[] {
  return byImportance(Object.keys(comparison.metrics).filter((name) => name !== 'epoch')).flatMap((name) => {
    const kind = metricKind(name);
    const found = runs.map(({ id }) => comparison.metrics[name]?.[id] ?? null);
    const values = found.map((metric) => metric?.[statistic] ?? null);
    if (values.every((value) => value === null)) return [];
    const titles = found.map((metric, at) => {
      if (!metric || values[at] === null) return '';
      const step = statistic === 'best' ? metric.best_step : statistic === 'last' ? metric.last_step : null;
      return word(step === null ? 'exact' : 'exact_at', { value: values[at], step });
    });
    const judged = comparable || !name.startsWith('val/');
    return [numberRow({ ...kind, id: `metric ${name}`, group: 'result', label: name, values, titles, judged })];
  });
}

const epochs = (value: number): string => significant(value);
const lower = { better: 'lower', group: 'cost' } as const;

function costRows({ runs, costs, accuracy, word, duration }: TableInput): TableRow[] {
  const time = { ...lower, format: duration, formatDelta: (by: number) => signed(duration(Math.abs(by)), by) };
  const compute = { ...lower, format: epochs, formatDelta: (by: number) => signed(epochs(Math.abs(by)), by) };
  const at = accuracy === null ? '' : percent(accuracy, 2);
  const missing = costs.map((cost) => (cost ? '' : word('not_reached')));
  const same: TableRow[] =
    accuracy === null
      ? []
      : [
          withTimes(
            numberRow({
              ...{ ...compute, id: 'compute_at', label: word('compute_at', { accuracy: at }) },
              values: costs.map((cost) => cost?.equivalent_epochs ?? null),
              titles: costs.map((cost, index) => (cost ? String(cost.equivalent_epochs) : (missing[index] as string))),
            }),
            costs.map((cost) => cost?.times_compute ?? null),
          ),
          withTimes(
            numberRow({
              ...{ ...time, id: 'time_at', label: word('time_at', { accuracy: at }) },
              values: costs.map((cost) => cost?.seconds ?? null),
              titles: costs.map((cost, index) => (cost ? `${cost.seconds} s` : (missing[index] as string))),
            }),
            costs.map((cost) => cost?.times_seconds ?? null),
          ),
        ];
  return [
    ...same,
    numberRow({
      ...compute,
      judged: false,
      id: 'compute',
      label: word('compute'),
      values: runs.map((run) => run.equivalent_epochs),
    }),
    numberRow({
      ...{ ...time, judged: false, id: 'time', label: word('time') },
      values: runs.map((run) => run.wall_seconds || null),
      titles: runs.map((run) => `${run.wall_seconds} s`),
    }),
    numberRow({
      ...{ ...compute, better: null, id: 'steps', label: word('steps') },
      values: runs.map((run) => run.step),
    }),
  ];
}

function withTimes(row: TableRow, factors: readonly (number | null)[]): TableRow {
  const cells = row.cells.map((cell, at) => {
    const factor = factors[at] ?? null;
    if (!cell.delta || factor === null) return cell;
    return { ...cell, delta: { ...cell.delta, text: `${cell.delta.text} · ${times(factor)}` } };
  });
  return { ...row, cells };
}

function configRows({ runs, comparison }: TableInput): TableRow[] {
  const configs = runs.map(({ id }) => comparison.configs[id]);
  return fieldsOf(configs).map((field) => {
    const values = configs.map((config) => config?.[field] ?? null);
    const datasets = field === 'dataset';
    const cells = values.map((value, at): Cell => {
      const text = datasets ? (runs[at]?.dataset_name ?? valueText(value)) : valueText(value);
      return { text, title: exactText(value), value: text, delta: null, best: false };
    });
    return { id: field, group: groupOf(field), label: field, field: true, cells, differs: differs(values) };
  });
}

/** What a paper says of its own run, in the rows that mean the same. */
function publishedCell(row: TableRow, paper: Published, word: TableInput['word']): Cell {
  const said = (text: string, value: number | string): Cell => ({
    ...NONE,
    text,
    value,
    title: word('as_published', { ...paper }),
  });
  if (row.id === 'metric val/top1') return said(percent(paper.top1, 1), paper.top1);
  if (row.id === 'compute') return said(significant(paper.epochs), paper.epochs);
  if (row.id === 'model') return said(paper.model, paper.model);
  if (row.id === 'dataset') return said(paper.data, paper.data);
  if (row.id === 'schedule.preset') return said(paper.method, paper.method);
  if (row.id === 'time' && paper.speedup !== null) {
    const faster = word('published_speedup', { times: times(paper.speedup) });
    return said(faster, faster);
  }
  return NONE;
}

export function tableRows(input: TableInput): TableRow[] {
  const rows = [...resultRows(input), ...costRows(input), ...configRows(input)];
  const ordered = GROUPS.flatMap((group) => rows.filter((row) => row.group === group));
  const { published, word } = input;
  if (!published.length) return ordered;
  return ordered.map((row) => ({ ...row, cells: [...row.cells, ...published.map((paper) => publishedCell(row, paper, word))] }));
}
