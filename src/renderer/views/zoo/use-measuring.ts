/** Measures models one after the other, in a process each, so that the memory of one does not count for the next. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { errorData, type ErrorData } from '../../../shared/errors';
import { runJob } from '../../api/client';
import type { At } from './zoo-rows';

export interface Measuring {
  model: string;
  phase: string;
  done: number;
  total: number;
}

export function useMeasuring(onMeasured: () => Promise<void>) {
  const now = shallowRef<Measuring | null>(null);
  const failed = shallowRef<ReadonlyMap<string, ErrorData>>(new Map());
  const cancelling = ref(false);
  let controller: AbortController | null = null;
  onScopeDispose(() => controller?.abort());

  async function one(model: string, at: At, signal: AbortSignal, done: number, total: number): Promise<void> {
    now.value = { model, phase: 'starting', done, total };
    const onProgress = ({ progress }: { progress: { phase: string } }): void => {
      now.value = { model, phase: progress.phase, done, total };
    };
    try {
      await runJob('measure', { model, ...at }, { signal, onProgress, subject: model });
      await onMeasured();
    } catch (thrown) {
      if (signal.aborted) return;
      failed.value = new Map(failed.value).set(model, errorData(thrown));
    }
  }

  /** Measures models. A failure is shown in the model's row, and the others are still measured. */
  async function measure(models: readonly string[], at: At): Promise<void> {
    if (now.value !== null || !models.length) return;
    const { signal } = (controller = new AbortController());
    failed.value = new Map();
    for (const [done, model] of models.entries()) {
      if (signal.aborted) break;
      await one(model, at, signal, done, models.length);
    }
    now.value = null;
    cancelling.value = false;
  }

  function cancel(): void {
    cancelling.value = true;
    controller?.abort();
  }

  return { now, failed, cancelling, busy: computed(() => now.value !== null), measure, cancel };
}
