/** Fetches the figures of the compared runs. The last answer stays on the screen until a new one arrives. */
import { onUnmounted, shallowRef, watch, type ShallowRef } from 'vue';
import type { Result } from '../../../shared/contract';
import type { RunSummary } from '../../../shared/contract/runs';
import { errorData, type ErrorData } from '../../../shared/errors';
import { call } from '../../api/client';

const REFRESH_MS = 1500;

export type Figures = Result<'compare.runs'>;

/** Order and baseline concern the window only: the host needs just the set of runs. */
const setOf = (runs: readonly RunSummary[]): string =>
  runs
    .map(({ id }) => id)
    .sort()
    .join();

export function useFigures(runs: () => readonly RunSummary[]): {
  figures: ShallowRef<Figures | null>;
  error: ShallowRef<ErrorData | null>;
  refresh: () => Promise<void>;
} {
  const figures = shallowRef<Figures | null>(null);
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
      if (mine === asked && !closed) error.value = errorData(thrown);
    }
  }
  watch(
    () => setOf(runs()),
    () => void refresh(),
    { immediate: true },
  );
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
