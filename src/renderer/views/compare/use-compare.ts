/** What is compared: runs by the address, their figures and curves, and how they are looked at. */
import { computed, inject, onUnmounted, provide, ref, shallowRef, watch, type InjectionKey } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRoute, useRouter } from 'vue-router';
import type { Result } from '../../../shared/contract';
import type { RunSummary } from '../../../shared/contract/runs';
import { AppError, errorData, type ErrorData } from '../../../shared/errors';
import { call } from '../../api/client';
import type { XAxis } from '../../charts/curve-data';
import { metricName as nameOfMetric } from '../../format/metric-name';
import { duration } from '../../format/time';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';
import { useRuns } from '../../stores/runs';
import { MOST_COMPARED } from '../runs/compare-limit';
import { byImportance, isCompared } from './metric-kind';
import { publishedFor, type Published } from './published';
import { commonAccuracy, costsAt, highestAccuracy } from './same-accuracy';
import { groupBySeed, singles, type SeedGroup } from './seed-groups';
import { quantitiesOf, SPENT } from './quantities';
import { tableRows, type Statistic, type TableRow } from './table-model';
import { useManyCurves } from './use-many-curves';

export const ACCURACY = 'val/top1';
const KEPT_AS = 'compare';
const REFRESH_MS = 1500;
const KEEP_AFTER_MS = 400;

export const PICTURES = ['curves', 'scatter', 'parallel'] as const;
export type Picture = (typeof PICTURES)[number];

interface Kept {
  runs: string[];
  metric: string;
  xAxis: XAxis;
  smoothing: number;
  onlyDifferences: boolean;
  published: boolean;
  /** Runs that differ only in seed as one column, one curve, one point. */
  groupSeeds: boolean;
  picture: Picture;
  scatter: { x: string; y: string; colour: string };
  /** Parallel axes that are shown; null: not chosen yet. */
  axes: string[] | null;
}
const STANDARD: Kept = {
  ...{ runs: [], metric: ACCURACY, xAxis: 'equivalent_epochs', smoothing: 0.6 },
  ...{ onlyDifferences: true, published: false, groupSeeds: false, picture: 'curves' },
  scatter: { x: SPENT, y: `metric ${ACCURACY}`, colour: 'model' },
  axes: null,
};

type Answer = Result<'compare.runs'>;

/** Figures of all runs; the last answer stays while a new one is under way. */
function useFigures(runs: () => readonly RunSummary[]) {
  const figures = shallowRef<Answer | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  let [asked, closed] = [0, false];
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    const mine = ++asked;
    const ids = runs().map(({ id }) => id);
    if (!ids.length) return;
    try {
      const answer = await call('compare.runs', { runs: ids });
      if (mine !== asked || closed) return;
      figures.value = answer;
      error.value = null;
    } catch (thrown) {
      if (mine === asked && !closed) error.value = thrown instanceof AppError ? thrown.data : errorData(thrown);
    }
  }
  // Order and baseline are the window's own business: only who is there matters.
  const who = (): string =>
    runs()
      .map(({ id }) => id)
      .sort()
      .join();
  watch(who, () => void refresh(), { immediate: true });
  watch(
    () =>
      runs()
        .map(({ state, step, name }) => `${state} ${step} ${name}`)
        .join(),
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void refresh(), REFRESH_MS);
    },
  );
  onUnmounted(() => {
    closed = true;
    clearTimeout(timer);
  });
  return { figures, error, refresh };
}

function useIds(kept: () => readonly string[]) {
  const route = useRoute();
  const router = useRouter();
  const ids = computed(() => {
    const asked = route.query['runs'];
    const list = typeof asked === 'string' ? asked.split(',').filter(Boolean) : [];
    return [...new Set(list)].slice(0, MOST_COMPARED);
  });
  const set = (next: readonly string[]): void =>
    void router.replace({ name: 'compare', query: next.length ? { runs: next.join(',') } : {} });
  // Come without runs: those of the last time.
  if (route.query['runs'] === undefined && kept().length) set(kept());
  return { ids, set };
}

/** Choices are stored a little after the last of them, or when the screen is left. */
function useKeeping(kept: () => Kept) {
  const app = useAppStore();
  const failures = useFailures();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void app.keepLayout(KEPT_AS, kept()).catch(failures.report);
  }
  function keep(): void {
    clearTimeout(timer);
    timer = setTimeout(flush, KEEP_AFTER_MS);
  }
  return { keep, flush };
}

function create() {
  const { t } = useI18n();
  const app = useAppStore();
  const store = useRuns();
  const view = shallowRef<Kept>({ ...STANDARD, ...app.layoutOf<Partial<Kept>>(KEPT_AS, {}) });
  const { keep, flush } = useKeeping(() => view.value);
  function look(fields: Partial<Kept>): void {
    view.value = { ...view.value, ...fields };
    keep();
  }
  onUnmounted(flush);

  const { ids, set } = useIds(() => view.value.runs);
  const runs = computed(() => ids.value.flatMap((id) => store.byId(id) ?? []));
  const gone = computed(() => (store.loaded ? ids.value.length - runs.value.length : 0));
  const missing = computed(() => ids.value.filter((id) => store.byId(id) === null));
  const { figures, error, refresh } = useFigures(() => runs.value);
  watch(ids, (list) => look({ runs: list }));

  const metrics = computed(() => byImportance(Object.keys(figures.value?.metrics ?? {}).filter(isCompared)));
  const metric = computed(() => (metrics.value.includes(view.value.metric) ? view.value.metric : (metrics.value[0] ?? ACCURACY)));
  const names = computed(() => [...new Set([ACCURACY, metric.value])]);
  const {
    curves,
    loaded,
    error: curvesError,
  } = useManyCurves(
    () => runs.value,
    () => names.value,
  );

  const seedGroups = computed(() => groupBySeed(runs.value, figures.value?.configs ?? {}));
  /** Whether any two runs differ only in seed. */
  const groupable = computed(() => seedGroups.value.length < runs.value.length);
  const groups = computed(() => (view.value.groupSeeds ? seedGroups.value : singles(runs.value)));

  /** Accuracies on other images, or of other classes, say nothing of each other. */
  const comparable = computed(() => new Set(runs.value.map(({ dataset }) => dataset)).size < 2);
  const accuracyCurves = computed(() => runs.value.map(({ id }) => curves.value.get(id)?.get(ACCURACY)));
  const common = computed(() => (comparable.value ? commonAccuracy(accuracyCurves.value) : null));
  const highest = computed(() => (comparable.value ? highestAccuracy(accuracyCurves.value) : null));
  /** Images that accuracy was measured on, the fewest of any run; null: not known. */
  const images = computed(() => {
    const counts = (figures.value?.runs ?? []).flatMap(({ val_images }) => val_images ?? []);
    return counts.length ? Math.min(...counts) : null;
  });
  /** As it was chosen; null: the level of the weakest run. */
  const chosenAccuracy = ref<number | null>(null);
  const accuracy = computed(() => (common.value === null ? null : (chosenAccuracy.value ?? common.value)));
  const costs = computed(() =>
    accuracy.value === null
      ? []
      : costsAt(
          groups.value.map((group) => group.runs.map(({ id }) => curves.value.get(id)?.get(ACCURACY))),
          accuracy.value,
          images.value,
        ),
  );

  const papers = shallowRef<Published[]>([]);
  void call('compare.published', {}).then((rows) => (papers.value = rows), useFailures().report);
  const fitting = computed(() =>
    publishedFor(
      papers.value,
      runs.value.map(({ model }) => model),
    ),
  );
  const published = computed(() => (view.value.published ? fitting.value : []));

  const statistic = ref<Statistic>('best');
  const word = (key: string, values: Record<string, unknown> = {}): string => t(`compare.${key}`, values);
  const metricName = (key: string): string => nameOfMetric(key, t);
  /** @param digits decimals of percentages */
  function rowsWith(digits: number): TableRow[] {
    if (!figures.value) return [];
    const made = tableRows({
      ...{ groups: groups.value, comparison: figures.value, published: published.value, costs: costs.value, digits },
      ...{ accuracy: accuracy.value, statistic: statistic.value, comparable: comparable.value, word, metricName, duration },
    });
    return view.value.onlyDifferences && groups.value.length > 1 ? made.filter((row) => row.differs) : made;
  }
  const quantities = computed(() =>
    figures.value
      ? quantitiesOf({ runs: runs.value, comparison: figures.value, statistic: statistic.value, word, metricName, duration })
      : [],
  );
  const shownRows = computed(() => rowsWith(1));

  const add = (id: string): void => set([...ids.value, id]);
  const setGroups = (next: readonly SeedGroup[]): void => set(next.flatMap((group) => group.runs.map(({ id }) => id)));
  const remove = (id: string): void => setGroups(groups.value.filter((group) => group.id !== id));
  const makeBaseline = (id: string): void =>
    setGroups(groups.value.toSorted((a, b) => Number(b.id === id) - Number(a.id === id)));
  function shift(id: string, by: number): void {
    const next = [...groups.value];
    const from = next.findIndex((group) => group.id === id);
    const to = Math.min(Math.max(from + by, 0), next.length - 1);
    next.splice(to, 0, ...next.splice(from, 1));
    setGroups(next);
  }
  const ready = computed(() => store.loaded && (runs.value.length === 0 || (figures.value !== null && loaded.value)));

  return {
    ...{ runs, ids, set, gone, missing, view, look, figures, error, curvesError, refresh, metrics, metric, curves, ready },
    ...{
      comparable,
      common,
      highest,
      images,
      accuracy,
      chosenAccuracy,
      costs,
      fitting,
      published,
      statistic,
      shownRows,
      rowsWith,
      metricName,
    },
    ...{ add, remove, makeBaseline, shift, groups, groupable, quantities },
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
