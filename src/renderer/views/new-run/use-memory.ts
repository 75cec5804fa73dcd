/** Estimates the memory of a step at each stage's size, once the schedule has not changed for a while. */
import { computed, onUnmounted, shallowRef, watch } from 'vue';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';
import type { Design } from './use-design';

const PAUSE_MS = 900;

export function useMemory({ body, config, plan, dataset, problems, nearestSize }: Design) {
  const failures = useFailures();
  /** Maps `bandwidth batch` to bytes. */
  const memory = shallowRef<ReadonlyMap<string, number>>(new Map());
  let timer: ReturnType<typeof setTimeout> | null = null;
  let latest = 0;

  /** Everything that decides the estimate; null while there is nothing to ask for. */
  const wanted = computed(() => {
    if (!dataset.value || !config.value || !plan.value || problems.value.length || nearestSize.value !== null)
      return null;
    const { model, size, model_args, optimizer, ema, schedule } = config.value;
    const pairs = [...new Set(plan.value.stages.map(({ bandwidth, batch }) => `${bandwidth} ${batch}`))].sort();
    return JSON.stringify([
      model,
      size,
      model_args,
      optimizer.name,
      optimizer.grad_accum_steps,
      ema.decay === null,
      schedule.low_frequency_mode,
      dataset.value.id,
      pairs,
    ]);
  });

  async function ask(): Promise<void> {
    const own = ++latest;
    try {
      const found = await call('plans.memory', { draft: body.value });
      if (own === latest)
        memory.value = new Map(found.map(({ bandwidth, batch, bytes }) => [`${bandwidth} ${batch}`, bytes]));
    } catch (error) {
      if (own === latest) failures.report(error);
    }
  }

  watch(
    wanted,
    (key) => {
      if (timer) clearTimeout(timer);
      if (key !== null) timer = setTimeout(() => void ask(), PAUSE_MS);
    },
    { immediate: true },
  );
  onUnmounted(() => {
    if (timer) clearTimeout(timer);
    latest++;
  });
  return memory;
}
