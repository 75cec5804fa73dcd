/**
 * The state of the comparison: the address names the runs, the host provides their figures and curves, the choices say
 * how to show them.
 */
import { computed, inject, provide, watch, type InjectionKey } from 'vue';
import { useRuns } from '../../stores/runs';
import { useTasks } from '../../stores/tasks';
import { useChoices } from './choices';
import { byImportance, isCompared } from './metric-kind';
import { groupBySeed, singles } from './seed-groups';
import { columnActs, useComparedRuns } from './use-columns';
import { useFigures } from './use-figures';
import { useManyCurves } from './use-many-curves';
import { usePublished } from './use-published';
import { useSameAccuracy } from './use-same-accuracy';
import { useTableRows } from './use-table-rows';

function create() {
  const store = useRuns();
  const tasks = useTasks();
  const { view, look } = useChoices();
  const compared = useComparedRuns(() => view.value.runs);
  const { ids, runs } = compared;
  // They are compared as text, because an address without runs shows the stored ones, which storing would renew.
  watch(
    () => ids.value.join(','),
    (now) => now !== view.value.runs.join(',') && look({ runs: ids.value }),
    { immediate: true },
  );

  const { figures, error, refresh } = useFigures(() => runs.value);
  /** Null: the runs are judged by different series. */
  const headline = computed(() => tasks.commonHeadline(runs.value));
  const metrics = computed(() => byImportance(Object.keys(figures.value?.metrics ?? {}).filter(isCompared)));
  const metric = computed(() => {
    const wanted = [view.value.metric, headline.value ?? ''].find((name) => metrics.value.includes(name));
    return wanted ?? metrics.value[0] ?? view.value.metric;
  });
  const names = computed(() => [...new Set([headline.value ?? metric.value, metric.value])]);
  const pulled = useManyCurves(
    () => runs.value,
    () => names.value,
  );
  const { curves, loaded } = pulled;

  const seedGroups = computed(() => groupBySeed(runs.value, figures.value?.configs ?? {}));
  /** Whether any two runs differ only in seed. */
  const groupable = computed(() => seedGroups.value.length < runs.value.length);
  const groups = computed(() => (view.value.groupSeeds ? seedGroups.value : singles(runs.value)));

  const input = { runs: () => runs.value, groups: () => groups.value, figures: () => figures.value };
  const same = useSameAccuracy({
    ...input,
    metric: () => headline.value,
    curve: (run) => curves.value.get(run)?.get(headline.value ?? ''),
  });
  const fitting = usePublished(() => runs.value.map(({ model }) => model));
  const published = computed(() => (view.value.published ? fitting.value : []));
  const onlyDifferences = (): boolean => view.value.onlyDifferences;
  const table = useTableRows({
    ...input,
    headline: () => headline.value,
    published: () => published.value,
    onlyDifferences,
    same,
  });
  const ready = computed(() => store.loaded && (runs.value.length === 0 || (figures.value !== null && loaded.value)));

  return {
    ...compared,
    ...columnActs(compared, () => groups.value),
    ...same,
    ...table,
    ...{ view, look, figures, error, refresh, curves, curvesError: pulled.error, metrics, metric, headline, ready },
    ...{ fitting, published, groups, groupable },
  };
}

export type CompareState = ReturnType<typeof create>;
const KEY: InjectionKey<CompareState> = Symbol('compare');

export function provideCompare(): CompareState {
  const state = create();
  provide(KEY, state);
  return state;
}

export function useCompare(): CompareState {
  const state = inject(KEY);
  if (!state) throw new Error('no comparison above');
  return state;
}
