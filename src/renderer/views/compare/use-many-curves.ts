/** Fetches curves of several runs: those of running ones again as they train, the others once. */
import { onUnmounted, shallowRef, watch, type Ref } from 'vue';
import type { Curve } from '../../../shared/contract/metrics';
import type { RunSummary } from '../../../shared/contract/runs';
import { errorData, type ErrorData } from '../../../shared/errors';
import { call } from '../../api/client';

const LEAST_MS = 1000;
/** Number of points of all runs together: more than the pixels can show only makes it slower. */
const MOST_IN_ALL = 12_000;

export interface ManyCurves {
  /** Maps run -> series -> curve. */
  curves: Ref<ReadonlyMap<string, ReadonlyMap<string, Curve>>>;
  /** Whether every requested run has loaded. */
  loaded: Ref<boolean>;
  error: Ref<ErrorData | null>;
}

/** Returns a text that changes whenever a run may have new points. */
const versionOf = ({ state, step }: RunSummary): string => `${state} ${step}`;

export function useManyCurves(runs: () => readonly RunSummary[], names: () => readonly string[]): ManyCurves {
  const curves = shallowRef<ReadonlyMap<string, ReadonlyMap<string, Curve>>>(new Map());
  const loaded = shallowRef(false);
  const error = shallowRef<ErrorData | null>(null);
  const versions = new Map<string, string>();
  let [asking, again, closed, last] = [false, false, false, 0];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wanted = (run: RunSummary): string => `${versionOf(run)} ${names().join(' ')} ${mostEach()}`;
  const mostEach = (): number => Math.round(Math.min(Math.max(MOST_IN_ALL / Math.max(runs().length, 1), 300), 1500));

  async function pull(): Promise<void> {
    last = performance.now();
    const stale = runs().filter((run) => versions.get(run.id) !== wanted(run));
    const answers = await Promise.all(
      stale.map(async (run) => {
        const version = wanted(run);
        const { curves: found } = await call('metrics.curves', { run: run.id, names: [...names()], most: mostEach() });
        return { id: run.id, version, found };
      }),
    );
    if (closed) return;
    const present = new Set(runs().map(({ id }) => id));
    const next = new Map([...curves.value].filter(([id]) => present.has(id)));
    for (const { id, version, found } of answers) {
      versions.set(id, version);
      next.set(id, new Map(found.map((curve) => [curve.name, curve])));
    }
    for (const id of versions.keys()) if (!present.has(id)) versions.delete(id);
    curves.value = next;
    loaded.value = [...present].every((id) => next.has(id));
    error.value = null;
  }

  async function look(): Promise<void> {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      await pull();
    } catch (thrown) {
      error.value = errorData(thrown);
    }
    asking = false;
    if (again && !closed) {
      again = false;
      later();
    }
  }

  function later(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), Math.max(0, last + LEAST_MS - performance.now()));
  }

  watch(
    () => [runs().map(({ id }) => id), names()].flat().join(' '),
    () => {
      loaded.value = runs().every(({ id }) => curves.value.has(id));
      void look();
    },
    { immediate: true },
  );
  watch(() => runs().map(versionOf).join(), later);
  onUnmounted(() => {
    closed = true;
    clearTimeout(timer);
  });
  return { curves, loaded, error };
}
