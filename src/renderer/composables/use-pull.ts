/**
 * Fetches data again whenever a topic reports that it may have changed: the latest answer counts, never two requests at
 * once, at most a few times a second.
 */
import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue';
import type { Topic } from '../../shared/contract';
import { errorData, type ErrorData } from '../../shared/errors';
import { on } from '../api/client';

export interface Pull<T> {
  /** Null before the first answer. */
  data: ShallowRef<T | null>;
  error: ShallowRef<ErrorData | null>;
  /** Fetches again now. */
  refresh: () => Promise<void>;
}

export interface PullOptions {
  topics?: readonly Topic[];
  /** Changes of these fetch anew and drop the old answer. */
  sources?: WatchSource[];
  leastMs?: number;
}

export function usePull<T>(
  ask: () => Promise<T>,
  { topics = ['store'], sources = [], leastMs = 250 }: PullOptions = {},
): Pull<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  let generation = 0;
  let running: Promise<void> | null = null;
  let [again, closed, last] = [false, false, 0];
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function run(): Promise<void> {
    const mine = generation;
    last = performance.now();
    try {
      const answer = await ask();
      if (mine !== generation || closed) return;
      data.value = answer;
      error.value = null;
    } catch (thrown) {
      if (mine === generation && !closed) error.value = errorData(thrown);
    }
  }

  function refresh(): Promise<void> {
    if (running) {
      again = true;
      return running;
    }
    running = run().finally(() => {
      running = null;
      if (again && !closed) {
        again = false;
        later();
      }
    });
    return running;
  }

  function later(): void {
    if (timer || closed) return;
    timer = setTimeout(
      () => {
        timer = null;
        void refresh();
      },
      Math.max(0, last + leastMs - performance.now()),
    );
  }

  const stops = topics.map((topic) => on(topic, later));
  if (sources.length)
    watch(sources, () => {
      generation++;
      data.value = null;
      error.value = null;
      void (running ?? Promise.resolve()).then(refresh);
    });
  onScopeDispose(() => {
    closed = true;
    if (timer) clearTimeout(timer);
    for (const stop of stops) stop();
  });
  void refresh();
  return { data, error, refresh };
}
