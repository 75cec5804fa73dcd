/**
 * Pictures of what each stage sees, requested shortly after the last change of the schedule. The old ones stay until
 * the new ones have loaded.
 */
import { onUnmounted, shallowRef, watch } from 'vue';
import type { JobResult } from '../../../shared/contract/job-kinds';
import { errorData, type ErrorData } from '../../../shared/errors';
import { runJob } from '../../api/client';
import type { Design } from './use-design';

const PAUSE_MS = 250;
/** Largest number of stages that are shown. */
const MOST = 32;
const LARGEST = 1024;

export type StageViews = JobResult<'stage_views'>;

export function useStageViews({ config, stages, size, dataset }: Design) {
  const views = shallowRef<StageViews | null>(null);
  /** Final size in px for which the pictures were made. */
  const madeFor = shallowRef(0);
  const error = shallowRef<ErrorData | null>(null);
  const busy = shallowRef(false);
  const drawn = shallowRef<{ seed: number; path: string | null }>({ seed: 0, path: null });
  let timer: ReturnType<typeof setTimeout> | null = null;
  let controller: AbortController | null = null;

  const wanted = (): string | null => {
    if (!dataset.value?.present || !config.value || size.value > LARGEST) return null;
    const { schedule, data } = config.value;
    const shown = stages.value.slice(0, MOST).map(({ bandwidth, magnitude, magnitude_end }) => ({
      bandwidth: Math.min(bandwidth, size.value),
      magnitude: ((magnitude_end ?? magnitude) + magnitude) / 2,
    }));
    return JSON.stringify({
      dataset: dataset.value.id,
      ...drawn.value,
      size: size.value,
      mode: schedule.low_frequency_mode,
      data,
      stages: shown,
    });
  };

  async function ask(args: string): Promise<void> {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    busy.value = true;
    try {
      const answer = await runJob('stage_views', JSON.parse(args), { signal: own.signal });
      if (own.signal.aborted) return;
      views.value = answer;
      madeFor.value = (JSON.parse(args) as { size: number }).size;
      error.value = null;
    } catch (thrown) {
      if (own.signal.aborted) return;
      views.value = null;
      error.value = errorData(thrown);
    }
    busy.value = false;
  }

  watch(
    wanted,
    (args) => {
      if (timer) clearTimeout(timer);
      if (args === null) {
        controller?.abort();
        views.value = null;
        busy.value = false;
      } else timer = setTimeout(() => void ask(args), PAUSE_MS);
    },
    { immediate: true },
  );
  watch(
    () => dataset.value?.id,
    () => {
      views.value = null;
      drawn.value = { ...drawn.value, path: null };
    },
  );
  onUnmounted(() => {
    if (timer) clearTimeout(timer);
    controller?.abort();
  });

  return {
    ...{ views, error, busy, madeFor },
    /** Augments the same image anew. */
    reroll: () => (drawn.value = { seed: drawn.value.seed + 1, path: views.value?.path ?? null }),
    another: () => (drawn.value = { seed: drawn.value.seed + 1, path: null }),
  };
}
