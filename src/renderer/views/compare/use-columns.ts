/**
 * The runs of a comparison, named by the address, and its columns: each is one run or all seeds of one configuration.
 */
import { computed, watch, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { RunSummary } from '../../../shared/contract/runs';
import { useRuns } from '../../stores/runs';
import { MOST_COMPARED } from '../runs/compare-limit';
import { constantFirst } from './baseline';
import { moved, withFirst } from './column-order';
import type { SeedGroup } from './seed-groups';

export interface ComparedRuns {
  ids: ComputedRef<string[]>;
  set: (next: readonly string[]) => void;
  /** The runs that exist. */
  runs: ComputedRef<RunSummary[]>;
  /** Number of the address's runs that do not exist; 0 until the list of runs is loaded. */
  gone: ComputedRef<number>;
  missing: ComputedRef<string[]>;
}

/** Reads the address. @param last the runs of the last comparison, for an address without any, as a link to here has */
export function useComparedRuns(last: () => readonly string[]): ComparedRuns {
  const route = useRoute();
  const router = useRouter();
  const store = useRuns();
  const ids = computed(() => {
    const asked = route.query['runs'];
    const list = typeof asked === 'string' ? asked.split(',').filter(Boolean) : last();
    return [...new Set(list)].slice(0, MOST_COMPARED);
  });
  const set = (next: readonly string[]): void =>
    void router.replace({ name: 'compare', query: { runs: next.join(',') } });
  watch(
    () => route.name === 'compare' && route.query['runs'] === undefined,
    (bare) => bare && last().length && set(last()),
    { immediate: true },
  );
  const runs = computed(() => ids.value.flatMap((id) => store.byId(id) ?? []));
  const gone = computed(() => (store.loaded ? ids.value.length - runs.value.length : 0));
  const missing = computed(() => ids.value.filter((id) => store.byId(id) === null));
  return { ids, set, runs, gone, missing };
}

export interface ColumnActs {
  add: (id: string) => void;
  remove: (id: string) => void;
  makeBaseline: (id: string) => void;
  shift: (id: string, by: number) => void;
}

/** A column moves, appears and disappears with all its seeds. */
export function columnActs({ ids, set, runs }: ComparedRuns, groups: () => readonly SeedGroup[]): ColumnActs {
  const store = useRuns();
  const setGroups = (next: readonly SeedGroup[]): void => set(next.flatMap((group) => group.runs.map(({ id }) => id)));
  return {
    add: (id) => {
      const added = store.byId(id);
      // The user has not chosen a baseline for a single run yet.
      if (runs.value.length === 1 && added) set(constantFirst([...runs.value, added]).map((run) => run.id));
      else set([...ids.value, id]);
    },
    remove: (id) => setGroups(groups().filter((group) => group.id !== id)),
    makeBaseline: (id) => setGroups(withFirst(groups(), id)),
    shift: (id, by) => setGroups(moved(groups(), id, by)),
  };
}
