import { onUnmounted, ref, type Ref } from 'vue';
import { useFailures } from '../stores/failures';

/** How long a button shows that it has copied, in ms. */
const SAID_MS = 1600;

/** Copies text, and shows that for a moment. */
export function useCopy(): { copied: Ref<boolean>; copy: (text: string) => Promise<void> } {
  const copied = ref(false);
  const failures = useFailures();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onUnmounted(() => clearTimeout(timer));

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => (copied.value = false), SAID_MS);
    } catch (error) {
      failures.report(error);
    }
  }

  return { copied, copy };
}
