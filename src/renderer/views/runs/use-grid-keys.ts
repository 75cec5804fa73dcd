/** The grid's keyboard: moving, choosing, and the most frequent actions. */
import type { RunSummary } from '../../../shared/contract/runs';
import type { ColumnId } from './columns';
import { all, extend, NOTHING, toggle } from './selection';
import { SELECT_COLUMN, type GridFocus } from './use-grid-focus';
import type { Table } from './use-table';

export const WIDTH_STEP = 16;

export interface GridKeys {
  /** Number of rows of a page. */
  page: () => number;
  open: (run: RunSummary) => void;
  trash: () => void;
  rename: (run: RunSummary) => void;
}

export function useGridKeys(table: Table, focus: GridFocus, { page, open, trash, rename }: GridKeys) {
  function toggleAll(): void {
    const { ids, selection } = table;
    selection.value = selection.value.chosen.size < ids.value.length ? all(ids.value) : NOTHING;
  }

  function headKey(event: KeyboardEvent): boolean {
    const column = table.columns.value[focus.at.value - 1];
    const by = { ArrowLeft: -WIDTH_STEP, ArrowRight: WIDTH_STEP }[event.key];
    if (event.shiftKey && by !== undefined && column) {
      table.widen(column.id, column.width + by);
      return true;
    }
    if (event.key !== 'Enter' && event.key !== ' ') return false;
    if (column) table.sortBy(column.id as ColumnId);
    else toggleAll();
    return true;
  }

  function rowKey(event: KeyboardEvent): boolean {
    const { selection, ids, activeRun } = table;
    const run = activeRun.value;
    if (!run) return false;
    if (event.key === ' ') {
      selection.value = event.shiftKey
        ? extend(selection.value, ids.value, run.id, true)
        : toggle(selection.value, run.id);
    } else if (event.key === 'Enter') {
      if (focus.at.value === SELECT_COLUMN) selection.value = toggle(selection.value, run.id);
      else open(run);
    } else if (event.key === 'F2') rename(run);
    else if (event.key === 'Delete') trash();
    else return false;
    return true;
  }

  /** Returns where a key moves to; null: it doesn't move. */
  function target(event: KeyboardEvent): [row: number | 'head', column: number] | null {
    const [row, column, last] = [
      focus.isHead.value ? -1 : focus.index.value,
      focus.at.value,
      table.ids.value.length - 1,
    ];
    const up = (to: number): number | 'head' => (to < 0 ? 'head' : Math.min(to, last));
    const far = event.ctrlKey || event.metaKey;
    const to: Record<string, [number | 'head', number]> = {
      ArrowDown: [far ? last : Math.min(row + 1, last), column],
      ArrowUp: [far ? 0 : up(row - 1), column],
      PageDown: [Math.min(row + page(), last), column],
      PageUp: [Math.max(row - page(), 0), column],
      ArrowRight: [up(row), column + 1],
      ArrowLeft: [up(row), column - 1],
      Home: [far ? 0 : up(row), 0],
      End: [far ? last : up(row), focus.columnCount.value - 1],
    };
    return to[event.key] ?? null;
  }

  function move(event: KeyboardEvent): boolean {
    const next = target(event);
    if (!next) return false;
    const { selection, ids, active } = table;
    const from = active.value;
    if (next[0] !== 'head' && next[0] < 0) return false;
    focus.goTo(...next);
    const vertical = event.key === 'ArrowDown' || event.key === 'ArrowUp' || event.key.startsWith('Page');
    if (event.shiftKey && vertical && active.value !== null && next[0] !== 'head') {
      const anchor = selection.value.anchor ?? from;
      selection.value = extend({ ...selection.value, anchor }, ids.value, active.value);
    }
    return true;
  }

  return function keys(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    let done = false;
    if (command && event.key.toLowerCase() === 'a') {
      table.selection.value = all(table.ids.value);
      done = true;
    } else if (event.key === 'Escape' && table.selection.value.chosen.size) {
      table.selection.value = NOTHING;
      done = true;
    } else if (!command || /^(Arrow|Home|End)/.test(event.key)) {
      done = (focus.isHead.value ? headKey(event) : !command && rowKey(event)) || move(event);
    }
    if (done) event.preventDefault();
  };
}
