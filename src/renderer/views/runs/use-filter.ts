/** The filter of the runs table. The address holds it, so that a link leads to the same runs. */
import { onUnmounted, shallowRef, watch, type ShallowRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Facet, RunFilter } from './filter';
import { filterOf, queryOf, toggled } from './filter-address';

/** The address changes once the user stops typing. */
const ADDRESS_AFTER_MS = 400;

export interface FilterState {
  filter: ShallowRef<RunFilter>;
  change: (fields: Partial<RunFilter>) => void;
  toggleFacet: (facet: Facet, value: string) => void;
  /** Writes the address now. @param queue whether the queue is open; it keeps its state if left out */
  address: (queue?: boolean) => void;
}

export function useFilter(): FilterState {
  const route = useRoute();
  const router = useRouter();
  const filter = shallowRef<RunFilter>(filterOf(route.query));
  let addressing: ReturnType<typeof setTimeout> | undefined;

  function address(queue = route.query['queue'] === '1'): void {
    clearTimeout(addressing);
    if (route.name === 'runs')
      void router.replace({ name: 'runs', query: { ...queryOf(filter.value), ...(queue ? { queue: '1' } : {}) } });
  }
  function change(fields: Partial<RunFilter>): void {
    filter.value = { ...filter.value, ...fields };
    clearTimeout(addressing);
    addressing = setTimeout(() => address(), ADDRESS_AFTER_MS);
  }
  const toggleFacet = (facet: Facet, value: string): void => change({ chosen: toggled(filter.value, facet, value) });

  watch(
    () => route.query,
    (query) => {
      if (route.name === 'runs' && JSON.stringify(queryOf(filterOf(query))) !== JSON.stringify(queryOf(filter.value)))
        filter.value = filterOf(query);
    },
  );
  // Otherwise a closed table would change the address of the one after it.
  onUnmounted(() => clearTimeout(addressing));
  return { filter, change, toggleFacet, address };
}
