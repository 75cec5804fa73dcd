/** Makes the comparison's table; the screen and the exports share its cells. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';
import { significant, signed, times } from '../../format/numbers';
import { differs, exactText, fieldsOf, groupOf, valueText } from './config-groups';
import { byImportance, isCompared, metricKind } from './metric-kind';
import { NO_CELL, numberRow, type Cell } from './number-row';
import { publishedCell } from './published-cell';
import type { SeedGroup } from './seed-groups';
import { interval95, mean, std } from './spread';
import { GROUPS, type Group, type TableInput, type TableRow } from './table-parts';

type Word = TableInput['word'];

/** Lists each seed's own value, and the error of their mean. */
function seedsTitle(runs: readonly RunSummary[], found: readonly (number | null)[], word: Word): string {
  const values = found.filter((value) => value !== null);
  const each = runs.map(({ seed }, at) => word('seed_value', { seed, value: found[at] ?? '–' })).join(', ');
  const interval = interval95(values);
  if (interval === null) return each;
  return word('seeds_title', { each, mean: mean(values), std: std(values), interval: significant(interval) });
}

/** Says how many of the seeds it covers, where it isn't all. */
const partNote = ({ runs }: SeedGroup, known: number, word: Word): string =>
  known === 0 || known === runs.length ? '' : word('part_of_seeds', { known, seeds: runs.length });

function resultRows(input: TableInput): TableRow[] {
  const { groups, comparison, statistic, comparable, digits, word, metricName } = input;
  return byImportance(Object.keys(comparison.metrics).filter(isCompared)).flatMap((name) => {
    const kind = metricKind(name, digits);
    const metricOf = ({ id }: RunSummary) => comparison.metrics[name]?.[id] ?? null;
    const found = groups.map(({ runs }) => runs.map((run) => metricOf(run)?.[statistic] ?? null));
    const samples = found.map((values) => values.filter((value) => value !== null));
    if (samples.every(({ length }) => length === 0)) return [];
    const titles = groups.map(({ runs }, at) => {
      const values = found[at] ?? [];
      if (runs.length > 1) return seedsTitle(runs, values, word);
      const metric = metricOf(runs[0]);
      if (!metric || values[0] === null) return '';
      const step = statistic === 'best' ? metric.best_step : statistic === 'last' ? metric.last_step : null;
      return word(step === null ? 'exact' : 'exact_at', { value: values[0], step });
    });
    const notes = groups.map((group, at) => partNote(group, samples[at]?.length ?? 0, word));
    const judged = comparable || !/^(val|train)\//.test(name);
    const named = { id: `metric ${name}`, group: 'result', label: metricName(name), key: name } as const;
    return [numberRow<Group>({ ...kind, ...named, samples, titles, notes, judged })];
  });
}

const epochs = (value: number): string => significant(value);
const lower = { better: 'lower', group: 'cost' } as const;
const COMPUTE = {
  ...{ ...lower, format: epochs, formatDelta: (by: number) => signed(epochs(Math.abs(by)), by) },
  formatSpread: (value: number, spread: number) => `${epochs(value)} ± ${significant(spread, 2)}`,
};
const timeOf = (duration: TableInput['duration']) => ({
  ...{ ...lower, format: duration, formatDelta: (by: number) => signed(duration(Math.abs(by)), by) },
  formatSpread: (value: number, spread: number) => `${duration(value)} ± ${duration(spread)}`,
});

function sameRows({ groups, costs, accuracy, headline, digits, word, duration }: TableInput): TableRow[] {
  if (accuracy === null) return [];
  const at = metricKind(headline, digits).format(accuracy);
  const notes = costs.map(({ reached, seeds, cost }) =>
    cost || !reached.length ? '' : word('reached_by', { known: reached.length, seeds }),
  );
  const row = (
    kind: ReturnType<typeof timeOf>,
    { id, of, unit }: { id: string; of: 'equivalent_epochs' | 'seconds'; unit: string },
  ): TableRow =>
    numberRow<Group>({
      ...{ ...kind, id, label: word(id, { accuracy: at }), notes },
      samples: costs.map(({ cost, reached }) => (cost ? reached.map((seed) => seed[of]) : [])),
      titles: costs.map(({ cost, reached }, column) => {
        const runs = groups[column]?.runs ?? [];
        if (!cost) return word('not_reached');
        if (runs.length > 1)
          return seedsTitle(
            runs,
            reached.map((seed) => seed[of]),
            word,
          );
        return `${cost[of]}${unit}`;
      }),
    });
  return [
    withTimes(
      row(COMPUTE, { id: 'compute_at', of: 'equivalent_epochs', unit: '' }),
      costs.map(({ cost }) => cost && { times: cost.times_compute, noisy: cost.noisy_compute }),
      word,
    ),
    withTimes(
      row(timeOf(duration), { id: 'time_at', of: 'seconds', unit: ' s' }),
      costs.map(({ cost }) => cost && { times: cost.times_seconds, noisy: cost.noisy_seconds }),
      word,
    ),
  ];
}

function costRows(input: TableInput): TableRow[] {
  const { groups, word, duration } = input;
  const titlesOf = (of: (run: RunSummary) => number, unit = ''): string[] =>
    groups.map(({ runs }) => (runs.length > 1 ? seedsTitle(runs, runs.map(of), word) : `${of(runs[0])}${unit}`));
  const all = (of: (run: RunSummary) => number): number[][] =>
    groups.map(({ runs }) => runs.map(of).filter((value) => value > 0));
  return [
    ...sameRows(input),
    numberRow<Group>({
      ...{ ...COMPUTE, judged: false, id: 'compute', label: word('compute') },
      samples: all((run) => run.equivalent_epochs),
    }),
    numberRow<Group>({
      ...{ ...timeOf(duration), judged: false, id: 'time', label: word('time') },
      samples: all((run) => run.wall_seconds),
      titles: titlesOf((run) => run.wall_seconds, ' s'),
    }),
    numberRow<Group>({
      ...{ ...COMPUTE, better: null, id: 'steps', label: word('steps') },
      samples: groups.map(({ runs }) => runs.map((run) => run.step)),
    }),
  ];
}

/** Adds how many times less it is, where that exceeds the noise; otherwise none is marked as better or best. */
function withTimes(
  row: TableRow,
  factors: readonly ({ times: number | null; noisy: boolean } | null)[],
  word: Word,
): TableRow {
  const noisy = factors.some((factor) => factor?.noisy);
  const cells = row.cells.map((cell, at) => {
    const factor = factors[at];
    const judged = noisy ? { ...cell, best: false } : cell;
    if (!cell.delta || !factor || factor.times === null) return judged;
    if (factor.noisy) return { ...judged, note: word('too_noisy'), delta: { ...cell.delta, better: null } };
    return { ...judged, delta: { ...cell.delta, text: `${cell.delta.text} · ${times(factor.times)}` } };
  });
  return { ...row, cells };
}

function configRows({ groups, comparison }: TableInput): TableRow[] {
  const configs = groups.flatMap(({ runs }) => runs.map(({ id }) => comparison.configs[id]));
  return fieldsOf(configs).map((field) => {
    const found = groups.map(({ runs }) => runs.map(({ id }) => comparison.configs[id]?.[field] ?? null));
    const cells = groups.map(({ runs }, at): Cell => {
      const values = found[at] ?? [];
      const written = values.map((value, of) =>
        field === 'dataset' ? (runs[of]?.dataset_name ?? valueText(value)) : valueText(value),
      );
      const text = [...new Set(written)].join(', ');
      const title = [...new Set(values.map(exactText))].join('; ');
      return { ...NO_CELL, text, title, value: text, count: runs.length };
    });
    return { id: field, group: groupOf(field), label: field, key: field, field: true, cells, differs: differs(found) };
  });
}

export function tableRows(input: TableInput): TableRow[] {
  const rows = [...resultRows(input), ...costRows(input), ...configRows(input)];
  const ordered = GROUPS.flatMap((group) => rows.filter((row) => row.group === group));
  const { published, word } = input;
  if (!published.length) return ordered;
  return ordered.map((row) => ({
    ...row,
    cells: [...row.cells, ...published.map((paper) => publishedCell(row, paper, word))],
  }));
}
