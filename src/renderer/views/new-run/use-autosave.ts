/** Saves a draft as it is changed; a new one is created at the first change. */
import { onUnmounted, watch, type Ref } from 'vue';
import type { DraftBody } from '../../../shared/contract/drafts';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';

const PAUSE_MS = 400;

export function useAutosave(body: Ref<DraftBody>, draft: Ref<string | null>, onCreated: (id: string) => void) {
  const failures = useFailures();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let saving: Promise<void> = Promise.resolve();
  let closed = false;

  async function write(): Promise<void> {
    if (closed) return;
    if (draft.value !== null) await call('drafts.save', { draft: draft.value, body: body.value });
    else {
      const { id } = await call('drafts.create', { body: body.value });
      draft.value = id;
      onCreated(id);
    }
  }

  function flush(): Promise<void> {
    if (timer) {
      clearTimeout(timer);
      timer = null;
      // Saves run one after the other: two creates would make two drafts.
      saving = saving.then(write).catch(failures.report);
    }
    return saving;
  }

  watch(body, () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => void flush(), PAUSE_MS);
  });
  // A reload or a closed window must not lose the last typed text.
  const leaving = (): void => void flush();
  window.addEventListener('pagehide', leaving);
  onUnmounted(() => {
    window.removeEventListener('pagehide', leaving);
    void flush();
  });

  return {
    flush,
    /** The draft has become a run: nothing is saved any more. */
    close(): void {
      if (timer) clearTimeout(timer);
      timer = null;
      closed = true;
    },
    reopen(): void {
      closed = false;
    },
  };
}
