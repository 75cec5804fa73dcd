/**
 * Roving focus of the grid: exactly one cell is in the tab order, and it stays with its run when rows move or leave the
 * view.
 */
import { computed, nextTick, onMounted, onUnmounted, onUpdated, ref, type Ref } from 'vue';
import type { Table } from './use-table';

export const SELECT_COLUMN = 0;

export const cellId = (row: number | 'head', column: number): string => `run-cell-${row}-${column}`;
/** Column 0 selects rows; the table's own columns follow. */
const FIRST_COLUMN = 1;

const CELL_ID = /^run-cell-(head|\d+)-(\d+)$/;

export function useGridFocus(table: Table, grid: Ref<HTMLElement | null>, scrollTo: (index: number) => void) {
  const column = ref(FIRST_COLUMN);
  const inHead = ref(false);
  let within = false;
  /** Last position of the focus, in case its run has left the table. */
  let lastIndex = 0;

  const index = computed(() => {
    const { ids, active } = table;
    const found = active.value === null ? -1 : ids.value.indexOf(active.value);
    return found >= 0 ? found : Math.min(lastIndex, ids.value.length - 1);
  });
  const columnCount = computed(() => table.columns.value.length + FIRST_COLUMN);
  const at = computed(() => Math.min(column.value, columnCount.value - 1));
  const isHead = computed(() => inHead.value || table.ids.value.length === 0);

  const tabindex = (row: number | 'head', col: number): 0 | -1 =>
    (row === 'head' ? isHead.value : !isHead.value && row === index.value) && col === at.value ? 0 : -1;

  function place(): void {
    const cell = document.getElementById(cellId(isHead.value ? 'head' : index.value, at.value));
    cell?.focus({ preventScroll: true });
    if (cell && grid.value) revealColumn(grid.value, cell);
  }

  function goTo(row: number | 'head', col = at.value): void {
    column.value = Math.min(Math.max(col, 0), columnCount.value - 1);
    inHead.value = row === 'head';
    if (row !== 'head') {
      lastIndex = Math.min(Math.max(row, 0), table.ids.value.length - 1);
      table.active.value = table.ids.value[lastIndex] ?? null;
      scrollTo(lastIndex);
    }
    void nextTick(place);
  }

  // An element that is reused for another run, or removed, must not take the focus with it.
  onUpdated(() => {
    if (table.active.value !== null && table.ids.value.includes(table.active.value)) lastIndex = index.value;
    const focused = document.activeElement;
    if (
      within &&
      !table.renaming.value &&
      (focused === document.body || focused?.getAttribute('role') === 'gridcell')
    ) {
      if (focused?.id !== cellId(isHead.value ? 'head' : index.value, at.value)) place();
    }
  });
  const pressed = (event: PointerEvent): void => {
    if (!grid.value?.contains(event.target as Node)) within = false;
  };
  onMounted(() => document.addEventListener('pointerdown', pressed, true));
  onUnmounted(() => document.removeEventListener('pointerdown', pressed, true));
  /** However a cell got the focus, keys continue from it. */
  function entered({ target }: FocusEvent): void {
    within = true;
    const [, row, col] = CELL_ID.exec((target as HTMLElement).id) ?? [];
    if (row === undefined || col === undefined) return;
    column.value = Number(col);
    inHead.value = row === 'head';
    if (row === 'head') return;
    lastIndex = Number(row);
    table.active.value = table.ids.value[lastIndex] ?? null;
  }
  const left = ({ relatedTarget }: FocusEvent): void => {
    if (relatedTarget && !grid.value?.contains(relatedTarget as Node)) within = false;
  };

  return { index, at, isHead, columnCount, tabindex, goTo, place, entered, left };
}

export type GridFocus = ReturnType<typeof useGridFocus>;

/** Columns scroll under the pinned ones: the focused cell must not be beneath them. */
function revealColumn(grid: HTMLElement, cell: HTMLElement): void {
  if (getComputedStyle(cell).position === 'sticky' && cell.dataset['pinned'] !== undefined) return;
  const [box, frame] = [cell.getBoundingClientRect(), grid.getBoundingClientRect()];
  const pinned = Number(grid.dataset['pinnedWidth'] ?? 0);
  if (box.left < frame.left + pinned) grid.scrollLeft -= frame.left + pinned - box.left;
  else if (box.right > frame.right) grid.scrollLeft += box.right - frame.right;
}
