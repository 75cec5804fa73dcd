/** The state of the runs table: filter in the address, layout in the settings, selection and focus by id. */
import { computed, inject, onUnmounted, provide, ref, shallowRef, watch, type InjectionKey } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';
import type { RunSummary } from '../../../shared/contract/runs';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';
import { useRuns } from '../../stores/runs';
import { clampWidth, columnOf, readLayout, sortRuns, type ColumnId, type TableLayout } from './columns';
import { FACETS, filterRuns, rowsOf, SHELVES, type Facet, type RunFilter, type Shelf } from './filter';
import { kept, NOTHING, type Selection } from './selection';

const KEPT_AS = 'runs';
const KEEP_AFTER_MS = 400;
/** Narrower windows begin with the table alone, px. */
const ROOM_FOR_PANEL = 1200;

const listOf = (value: LocationQuery[string] | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string' && item !== '');

function filterOf(query: LocationQuery): RunFilter {
  const shelf = SHELVES.find((candidate) => candidate === query['shelf']) ?? 'present';
  const chosen = Object.fromEntries(FACETS.map((facet) => [facet, listOf(query[facet])])) as Record<Facet, string[]>;
  return { text: listOf(query['q'])[0] ?? '', shelf, chosen };
}

function queryOf({ text, shelf, chosen }: RunFilter): Record<string, string | string[]> {
  return {
    ...(text ? { q: text } : {}),
    ...(shelf === 'present' ? {} : { shelf }),
    ...Object.fromEntries(FACETS.filter((facet) => chosen[facet].length).map((facet) => [facet, [...chosen[facet]]])),
  };
}

function useLayout() {
  const app = useAppStore();
  const failures = useFailures();
  const layout = shallowRef<TableLayout>(readLayout(app.layoutOf<unknown>(KEPT_AS, null), window.innerWidth >= ROOM_FOR_PANEL));
  let timer: ReturnType<typeof setTimeout> | undefined;
  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void app.keepLayout(KEPT_AS, layout.value).catch(failures.report);
  }
  function change(fields: Partial<TableLayout>): void {
    layout.value = { ...layout.value, ...fields };
    clearTimeout(timer);
    timer = setTimeout(flush, KEEP_AFTER_MS);
  }
  onUnmounted(flush);
  return { layout, changeLayout: change };
}

function create() {
  const { t } = useI18n();
  const route = useRoute();
  const router = useRouter();
  const runs = useRuns();
  const { layout, changeLayout } = useLayout();

  const filter = shallowRef<RunFilter>(filterOf(route.query));
  /** The address follows when typing rests. */
  let addressing: ReturnType<typeof setTimeout> | undefined;
  // Else a table that is gone would change the address of the one that came after it.
  onUnmounted(() => clearTimeout(addressing));
  const rows = computed(() => rowsOf(runs.all, (state) => t(`state.${state}`)));
  const filtered = computed(() => filterRuns(rows.value, filter.value));
  const sorted = computed(() => sortRuns(filtered.value.rows, layout.value.sort));
  const ids = computed(() => sorted.value.map(({ run }) => run.id));
  const columns = computed(() =>
    layout.value.shown.map((id) => ({ ...columnOf(id), width: layout.value.widths[id] ?? columnOf(id).width })),
  );

  const selection = shallowRef<Selection>(NOTHING);
  /** The focused row; the panel shows it. */
  const active = ref<string | null>(null);
  const activeRun = computed(() => sorted.value.find(({ run }) => run.id === active.value)?.run ?? null);
  const chosen = computed<RunSummary[]>(() =>
    [...selection.value.chosen].flatMap((id) => {
      const run = runs.byId(id);
      return run ? [run] : [];
    }),
  );
  /** The name that is being changed in place. */
  const renaming = ref<{ id: string; text: string } | null>(null);

  /** Told when a new name is to be kept; the focus goes back to the cell. */
  const renamed = shallowRef<(run: RunSummary, name: string) => void>(() => undefined);

  function finishRenaming(keep: boolean): void {
    const asked = renaming.value;
    renaming.value = null;
    const run = asked && runs.byId(asked.id);
    if (keep && run) renamed.value(run, asked.text);
  }

  function change(fields: Partial<RunFilter>): void {
    filter.value = { ...filter.value, ...fields };
    clearTimeout(addressing);
    addressing = setTimeout(() => address(), KEEP_AFTER_MS);
  }
  function address(queue = route.query['queue'] === '1'): void {
    clearTimeout(addressing);
    if (route.name === 'runs')
      void router.replace({ name: 'runs', query: { ...queryOf(filter.value), ...(queue ? { queue: '1' } : {}) } });
  }
  function toggleFacet(facet: Facet, value: string): void {
    const now = filter.value.chosen[facet];
    const next = now.includes(value) ? now.filter((other) => other !== value) : [...now, value];
    change({ chosen: { ...filter.value.chosen, [facet]: next } });
  }
  function show(shelf: Shelf): void {
    selection.value = NOTHING;
    change({ shelf });
  }
  function sortBy(by: ColumnId): void {
    const { sort } = layout.value;
    const descending = sort.by === by ? !sort.descending : (columnOf(by).descending ?? false);
    changeLayout({ sort: { by, descending } });
  }
  const widen = (id: ColumnId, width: number): void =>
    changeLayout({ widths: { ...layout.value.widths, [id]: clampWidth(width) } });

  watch(
    () => route.query,
    (query) => {
      if (route.name === 'runs' && JSON.stringify(queryOf(filterOf(query))) !== JSON.stringify(queryOf(filter.value)))
        filter.value = filterOf(query);
    },
  );
  // What can't be seen must not be acted on.
  watch(ids, (present) => {
    if (selection.value !== NOTHING) selection.value = kept(selection.value, new Set(present));
  });

  return {
    ...{
      runs,
      layout,
      changeLayout,
      filter,
      filtered,
      rows,
      sorted,
      ids,
      columns,
      selection,
      active,
      activeRun,
      chosen,
      renaming,
      renamed,
    },
    ...{ change, toggleFacet, show, sortBy, widen, finishRenaming, address },
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
