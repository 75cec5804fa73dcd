/** Columns, sorting and panel of the runs table, stored with the window's layout. */
import { onUnmounted, shallowRef, type ShallowRef } from 'vue';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';
import { clampWidth, readLayout, sortedBy, type ColumnId, type TableLayout } from './columns';

const KEPT_AS = 'runs';
const KEEP_AFTER_MS = 400;
/** Width in px below which a window begins with the table alone. */
const ROOM_FOR_PANEL = 1200;

export interface LayoutState {
  layout: ShallowRef<TableLayout>;
  changeLayout: (fields: Partial<TableLayout>) => void;
  sortBy: (by: ColumnId) => void;
  widen: (id: ColumnId, width: number) => void;
}

export function useLayout(): LayoutState {
  const app = useAppStore();
  const failures = useFailures();
  const layout = shallowRef<TableLayout>(
    readLayout(app.layoutOf<unknown>(KEPT_AS, null), window.innerWidth >= ROOM_FOR_PANEL),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void app.keepLayout(KEPT_AS, layout.value).catch(failures.report);
  }
  function changeLayout(fields: Partial<TableLayout>): void {
    layout.value = { ...layout.value, ...fields };
    clearTimeout(timer);
    timer = setTimeout(flush, KEEP_AFTER_MS);
  }
  onUnmounted(flush);
  const sortBy = (by: ColumnId): void => changeLayout({ sort: sortedBy(layout.value.sort, by) });
  const widen = (id: ColumnId, width: number): void =>
    changeLayout({ widths: { ...layout.value.widths, [id]: clampWidth(width) } });
  return { layout, changeLayout, sortBy, widen };
}
