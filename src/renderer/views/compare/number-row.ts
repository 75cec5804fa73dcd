/**
 * A row of numbers: means over seeds with their spread, the best of them, and signed differences from the baseline.
 * Pure.
 */
import { differs } from './config-groups';
import { beyondSpread, mean, std } from './spread';

export interface Delta {
  text: string;
  up: boolean;
  /** Null: neither direction is better, the values are equal, or the difference is noise. */
  better: boolean | null;
  /** Whether it is within the differences between seeds. */
  withinSpread: boolean;
}

export interface Cell {
  text: string;
  title: string;
  /** Value in files: a number in full, or else the text. */
  value: number | string | null;
  /** Standard deviation over seeds; null for a single run. */
  spread: number | null;
  /** Number of runs that it covers. */
  count: number;
  /** Note beneath it. */
  note: string;
  delta: Delta | null;
  /** Whether it is the best of its row. */
  best: boolean;
}

export const NO_CELL: Cell = {
  ...{ text: '–', title: '', value: null, spread: null, count: 0, note: '', delta: null, best: false },
};

export interface NumberRow<Group> {
  id: string;
  group: Group;
  label: string;
  /** Its name in the store, where that is another. */
  key?: string;
  /** Values of each column's runs. */
  samples: readonly (readonly number[])[];
  better: 'lower' | 'higher' | null;
  format: (value: number) => string;
  formatDelta: (value: number) => string;
  formatSpread: (value: number, spread: number) => string;
  titles?: readonly string[];
  notes?: readonly string[];
  /** Whether better and best may be marked. */
  judged?: boolean;
}

function deltaOf<Group>(values: readonly number[], base: readonly number[], row: NumberRow<Group>): Delta {
  const { better, formatDelta, judged = true } = row;
  const by = mean(values) - mean(base);
  const judgeable = by !== 0 && better !== null && judged;
  const withinSpread = judgeable && beyondSpread(values, base) === false;
  const good = !judgeable || withinSpread ? null : better === 'lower' ? by < 0 : by > 0;
  return { text: formatDelta(by), up: by > 0, better: good, withinSpread };
}

export function numberRow<Group>(row: NumberRow<Group>) {
  const {
    id,
    group,
    label,
    key = label,
    samples,
    better,
    format,
    formatSpread,
    titles = [],
    notes = [],
    judged = true,
  } = row;
  const means = samples.map((values) => (values.length ? mean(values) : null));
  const known = means.filter((value) => value !== null);
  const top =
    !better || !judged || known.length < 2 ? null : better === 'lower' ? Math.min(...known) : Math.max(...known);
  const several = new Set(known).size > 1;
  const base = samples[0] ?? [];
  const cells = samples.map((values, at): Cell => {
    const value = means[at] ?? null;
    const said = { title: titles[at] ?? '', note: notes[at] ?? '' };
    if (value === null) return { ...NO_CELL, ...said };
    const spread = std(values);
    return {
      text: spread ? formatSpread(value, spread) : format(value),
      ...{ ...said, title: said.title || String(value), value, spread, count: values.length },
      delta: at === 0 || !base.length ? null : deltaOf(values, base, row),
      best: several && value === top,
    };
  });
  return { id, group, label, key, field: false, cells, differs: differs(samples) };
}
