/** Columns of the runs table, their sort keys, and the user's own choice of them. */
import { SHOWN_STATES, shownState } from '../../../shared/run-state';
import type { RunSummary } from '../../../shared/contract/runs';
import { metricOf } from '../../../shared/metrics';
import { shareDone } from '../../../shared/run-progress';

export interface Column {
  id: ColumnId;
  /** Width in px. */
  width: number;
  /** Numbers are aligned at the end. */
  number?: true;
  /** Whether it is hidden until the user asks for it. */
  hidden?: true;
  /** Whether the first click sorts the best first. */
  descending?: true;
}

export const COLUMN_IDS = [
  'name',
  'state',
  'schedule',
  'best',
  'progress',
  'model',
  'dataset',
  'preset',
  'duration',
  'size',
  'epochs',
  'seed',
  'created',
  'ended',
  'tags',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export const COLUMNS: readonly Column[] = [
  { id: 'name', width: 216 },
  { id: 'state', width: 116 },
  { id: 'schedule', width: 108, descending: true },
  { id: 'best', width: 108, number: true, descending: true },
  { id: 'progress', width: 108, number: true, descending: true },
  { id: 'model', width: 124 },
  { id: 'dataset', width: 116 },
  { id: 'preset', width: 128 },
  { id: 'duration', width: 100, number: true, descending: true },
  { id: 'size', width: 72, number: true, descending: true },
  { id: 'epochs', width: 96, number: true, hidden: true, descending: true },
  { id: 'seed', width: 72, number: true, hidden: true },
  { id: 'created', width: 112, descending: true },
  { id: 'ended', width: 112, hidden: true, descending: true },
  { id: 'tags', width: 180 },
];

export const columnOf = (id: ColumnId): Column => COLUMNS.find((column) => column.id === id) as Column;

export const LEAST_WIDTH = 56;
export const MOST_WIDTH = 640;

export interface Sort {
  by: ColumnId;
  descending: boolean;
}

export interface TableLayout {
  /** Columns that are shown, in the table's own order. */
  shown: ColumnId[];
  widths: Partial<Record<ColumnId, number>>;
  sort: Sort;
  /** Whether the panel at the right is open, and its width, px. */
  panel: boolean;
  panelWidth: number;
  /** Whether runs of one configuration are grouped under a head. */
  grouped: boolean;
}

export const STANDARD_LAYOUT: TableLayout = {
  shown: COLUMNS.filter(({ hidden }) => !hidden).map(({ id }) => id),
  widths: {},
  sort: { by: 'created', descending: true },
  panel: true,
  panelWidth: 320,
  grouped: false,
};

const isColumn = (id: unknown): id is ColumnId => COLUMN_IDS.includes(id as ColumnId);

/**
 * Reads a stored layout of any version as one that can be drawn. @param panel whether the panel is open where the user
 * never chose
 */
export function readLayout(kept: unknown, panel = true): TableLayout {
  const own = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<TableLayout>;
  const shown = Array.isArray(own.shown) ? own.shown.filter(isColumn) : STANDARD_LAYOUT.shown;
  const widths = Object.entries(own.widths ?? {}).filter(([id, width]) => isColumn(id) && Number.isFinite(width));
  return {
    shown: COLUMN_IDS.filter((id) => id === 'name' || shown.includes(id)),
    widths: Object.fromEntries(widths.map(([id, width]) => [id, clampWidth(width)])),
    sort: isColumn(own.sort?.by) ? { by: own.sort.by, descending: own.sort.descending === true } : STANDARD_LAYOUT.sort,
    panel: own.panel ?? panel,
    panelWidth: Number.isFinite(own.panelWidth) ? Math.min(Math.max(own.panelWidth as number, 260), 560) : 320,
    grouped: own.grouped === true,
  };
}

export const clampWidth = (width: number): number => Math.round(Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH));

/** Sorts by a column; a second click on it reverses its order. */
export const sortedBy = (sort: Sort, by: ColumnId): Sort => ({
  by,
  descending: sort.by === by ? !sort.descending : (columnOf(by).descending ?? false),
});

/** Sorts run-2 before run-10. */
const natural = (text: string): string => text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));

/** Returns a key that sorts the best first in descending order: shares before losses, which are negated. */
const standing = ({ best }: RunSummary): number | null =>
  best && (metricOf(best.metric).better === 'lower' ? -best.value : best.value);

const KEYS: Record<ColumnId, (run: RunSummary) => string | number | null> = {
  name: ({ name }) => natural(name),
  state: (run) => SHOWN_STATES.indexOf(shownState(run)),
  schedule: ({ stages }) => stages.length,
  model: ({ model }) => natural(model),
  dataset: ({ dataset_name, dataset }) => natural(dataset_name ?? dataset),
  preset: ({ preset }) => natural(preset),
  size: ({ size }) => size,
  best: standing,
  progress: shareDone,
  duration: ({ wall_seconds }) => wall_seconds || null,
  epochs: ({ equivalent_epochs }) => equivalent_epochs,
  seed: ({ seed }) => seed,
  created: ({ created }) => created,
  ended: ({ ended }) => ended,
  tags: ({ tags }) => (tags.length ? natural(tags.join(' ')) : null),
};

/** Sorts runs. Those without a value come last in either direction; equal ones keep newest first. */
export function sortRuns<T extends { run: RunSummary }>(rows: readonly T[], { by, descending }: Sort): T[] {
  const key = KEYS[by];
  const keyed = rows.map((row) => ({ row, key: key(row.run), created: row.run.created }));
  const way = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === null) return 1;
      if (b.key === null) return -1;
      return a.key < b.key ? -way : way;
    }
    return a.created < b.created ? 1 : a.created > b.created ? -1 : 0;
  });
  return keyed.map(({ row }) => row);
}
