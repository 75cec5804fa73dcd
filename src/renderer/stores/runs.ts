/** All runs in short. Home, status bar, table and palette share this list, which is kept up to date. */
import { defineStore } from 'pinia';
import { computed, effectScope, ref } from 'vue';
import { isLive, isResumable } from '../../shared/run-state';
import type { RunSummary } from '../../shared/contract/runs';
import { call } from '../api/client';
import { usePull } from '../composables/use-pull';
import { mergeRuns } from './merge-runs';

export const useRuns = defineStore('runs', () => {
  const scope = effectScope(true);
  let known: { cursor: number; list: readonly RunSummary[] } | null = null;

  /** Fetches the changes: while one run trains, one row is read, not thousands. */
  async function ask(): Promise<readonly RunSummary[]> {
    const { cursor, all: whole, runs } = await call('runs.changes', { since: known?.cursor ?? null });
    known = { cursor, list: whole ? runs : mergeRuns(known?.list ?? [], runs) };
    return known.list;
  }
  const pull = scope.run(() => usePull(ask, { leastMs: 500 })) as ReturnType<typeof usePull<readonly RunSummary[]>>;
  const all = computed(() => pull.data.value ?? []);
  const loaded = computed(() => pull.data.value !== null);
  const present = computed(() => all.value.filter(({ trashed }) => trashed === null));
  const live = computed(() => present.value.filter(({ state }) => isLive(state)));
  const queue = computed(() =>
    present.value
      .filter(({ state, queue_position }) => queue_position !== null && (state === 'queued' || state === 'paused'))
      .sort((a, b) => (a.queue_position as number) - (b.queue_position as number)),
  );
  const byId = (id: string): RunSummary | null => all.value.find((run) => run.id === id) ?? null;
  const canResume = (run: RunSummary): boolean => isResumable(run.state) || run.state === 'queued';
  /** The run that commands apply to when none is open. */
  const current = ref<string | null>(null);
  return { all, loaded, present, live, queue, byId, canResume, current, error: pull.error, refresh: pull.refresh };
});
