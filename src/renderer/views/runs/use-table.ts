/** The state of the runs table: filter, layout, rows, selection and focus. */
import { computed, inject, provide, ref, shallowRef, watch, type InjectionKey } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RunSummary } from '../../../shared/contract/runs';
import { useRuns } from '../../stores/runs';
import { columnOf, sortRuns } from './columns';
import { filterRuns, rowsOf, type Shelf } from './filter';
import { kept, NOTHING, type Selection } from './selection';
import { groupRuns, linesOf } from './run-groups';
import { useFilter } from './use-filter';
import { useLayout } from './use-layout';
import { useRenaming } from './use-renaming';

function create() {
  const { t } = useI18n();
  const runs = useRuns();
  const layouting = useLayout();
  const { layout } = layouting;
  const filtering = useFilter();
  const { filter, change } = filtering;
  const rows = computed(() => rowsOf(runs.all, (state) => t(`state.${state}`)));
  const filtered = computed(() => filterRuns(rows.value, filter.value));
  const ordered = computed(() => sortRuns(filtered.value.rows, layout.value.sort));
  /** Null: runs are not grouped. */
  const groups = computed(() => (layout.value.grouped ? groupRuns(ordered.value) : null));
  const sorted = computed(() => groups.value?.flatMap((group) => group.rows) ?? ordered.value);
  const lines = computed(() => linesOf(groups.value, sorted.value.length));
  const ids = computed(() => sorted.value.map(({ run }) => run.id));
  const columns = computed(() =>
    layout.value.shown.map((id) => ({ ...columnOf(id), width: layout.value.widths[id] ?? columnOf(id).width })),
  );

  const selection = shallowRef<Selection>(NOTHING);
  /** The focused row, which the panel shows. */
  const active = ref<string | null>(null);
  const activeRun = computed(() => sorted.value.find(({ run }) => run.id === active.value)?.run ?? null);
  const chosen = computed<RunSummary[]>(() => [...selection.value.chosen].flatMap((id) => runs.byId(id) ?? []));

  function show(shelf: Shelf): void {
    selection.value = NOTHING;
    change({ shelf });
  }
  // An action must not affect a row that can't be seen.
  watch(ids, (present) => {
    if (selection.value !== NOTHING) selection.value = kept(selection.value, new Set(present));
  });

  return {
    ...{ runs, rows, filtered, sorted, lines, ids, columns, selection, active, activeRun, chosen, show },
    ...filtering,
    ...layouting,
    ...useRenaming(runs.byId),
  };
}

export type Table = ReturnType<typeof create>;
const KEY: InjectionKey<Table> = Symbol('runs table');

export function provideTable(): Table {
  const table = create();
  provide(KEY, table);
  return table;
}

export function useTable(): Table {
  const table = inject(KEY);
  if (!table) throw new Error('no runs table above');
  return table;
}
