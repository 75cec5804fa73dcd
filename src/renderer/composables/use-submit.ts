/** What a form's button does: one call at a time, whose failure the form shows. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { errorData, type ErrorData } from '../../shared/errors';

export interface Submit {
  busy: Ref<boolean>;
  /** Null until a call fails, and again from the next one on. */
  failed: ShallowRef<ErrorData | null>;
  submit: () => Promise<void>;
}

export function useSubmit(call: () => Promise<unknown>): Submit {
  const busy = ref(false);
  const failed = shallowRef<ErrorData | null>(null);

  async function submit(): Promise<void> {
    busy.value = true;
    failed.value = null;
    try {
      await call();
    } catch (thrown) {
      failed.value = errorData(thrown);
    } finally {
      busy.value = false;
    }
  }
  return { busy, failed, submit };
}
