/** Starts a training run with one click: imports the bundled sample where it is missing, and starts its run. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import { errorData, type ErrorData } from '../../../shared/errors';
import { sampleDraft } from '../../../shared/sample-run';
import { call } from '../../api/client';
import { useAppStore } from '../../stores/app';

export interface Sample {
  /** The current step; null: none. */
  doing: Ref<'importing' | 'starting' | null>;
  error: ShallowRef<ErrorData | null>;
  train: () => Promise<void>;
}

export function useSample(): Sample {
  const router = useRouter();
  const app = useAppStore();
  const doing = ref<'importing' | 'starting' | null>(null);
  const error = shallowRef<ErrorData | null>(null);

  async function train(): Promise<void> {
    if (doing.value) return;
    error.value = null;
    doing.value = 'importing';
    try {
      const { dataset } = await call('datasets.sample', {});
      doing.value = 'starting';
      const { run } = await call('plans.start', { draft: sampleDraft(dataset), draft_id: null });
      await app.change({ welcomed: true });
      await router.push({ name: 'run', params: { id: run } });
    } catch (thrown) {
      error.value = errorData(thrown);
    }
    doing.value = null;
  }

  return { doing, error, train };
}
