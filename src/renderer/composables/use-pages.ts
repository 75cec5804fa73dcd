/** A long list that is fetched in pages, only where it is in view. */
import { onScopeDispose, shallowRef, triggerRef, watch, type ShallowRef, type WatchSource } from 'vue';
import { errorData, type ErrorData } from '../../shared/errors';

export interface Page<T> {
  total: number;
  items: T[];
}

export interface Pages<T> {
  /** Null before the first answer. */
  total: ShallowRef<number | null>;
  error: ShallowRef<ErrorData | null>;
  /** Returns the item, or undefined until its page has loaded. */
  at: (index: number) => T | undefined;
  /** Sets the range in view. */
  need: (first: number, last: number) => void;
  /** Fetches the range in view again; the old items stay until the new ones have loaded. */
  refresh: () => void;
}

export function usePages<T>(
  ask: (offset: number, limit: number) => Promise<Page<T>>,
  { size = 200, sources = [] }: { size?: number; sources?: WatchSource[] } = {},
): Pages<T> {
  const total = shallowRef<number | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  const pages = shallowRef(new Map<number, T[]>());
  const asked = new Set<number>();
  let generation = 0;
  let [first, last] = [0, 0];

  async function load(page: number): Promise<void> {
    if (asked.has(page)) return;
    asked.add(page);
    const mine = generation;
    try {
      const answer = await ask(page * size, size);
      if (mine !== generation) return;
      if (total.value !== answer.total) total.value = answer.total;
      pages.value.set(page, answer.items);
      triggerRef(pages);
      error.value = null;
    } catch (thrown) {
      if (mine !== generation) return;
      asked.delete(page);
      error.value = errorData(thrown);
    }
  }

  function loadSeen(): void {
    for (let page = Math.floor(first / size); page <= Math.floor(last / size); page++) void load(page);
  }

  function need(from: number, to: number): void {
    [first, last] = [Math.max(from, 0), Math.max(to, 0)];
    loadSeen();
  }

  function refresh(): void {
    generation++;
    asked.clear();
    for (const page of pages.value.keys())
      if (page < Math.floor(first / size) || page > Math.floor(last / size)) pages.value.delete(page);
    loadSeen();
  }

  watch(sources, () => {
    [first, last] = [0, 0];
    total.value = null;
    error.value = null;
    pages.value = new Map();
    refresh();
  });
  onScopeDispose(() => generation++);
  loadSeen();
  return {
    ...{ total, error, need, refresh },
    at: (index) => pages.value.get(Math.floor(index / size))?.[index % size],
  };
}
