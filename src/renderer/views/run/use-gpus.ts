/** The machine's GPUs while a running run is shown: read every two seconds, and never again where there are none. */
import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue';
import type { Gpu } from '../../../shared/contract/devices';

export const EVERY_MS = 2000;

export interface GpuAnswer {
  gpus: Gpu[];
  /** Whether the engine computes on them. */
  used: boolean;
}

/**
 * Reads the GPUs.
 * @param watching whether they are shown @param ask fetches one answer of the host @returns the GPUs that the engine
 * can use now
 */
export function useGpus(watching: WatchSource<boolean>, ask: () => Promise<GpuAnswer>): ShallowRef<readonly Gpu[]> {
  const gpus = shallowRef<readonly Gpu[]>([]);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let [open, none] = [false, false];

  async function look(): Promise<void> {
    timer = null;
    try {
      const answer = await ask();
      if (!open) return;
      gpus.value = answer.used ? answer.gpus : [];
      none = !gpus.value.length;
    } catch {
      // The host is unreachable for the moment, which the window reports; old figures would look like new ones.
      gpus.value = [];
    }
    if (open && !none) timer = setTimeout(() => void look(), EVERY_MS);
  }

  function close(): void {
    open = false;
    if (timer) clearTimeout(timer);
    timer = null;
    gpus.value = [];
  }

  watch(
    watching,
    (is) => {
      if (!is) return close();
      if (open) return;
      open = true;
      if (!none) void look();
    },
    { immediate: true },
  );
  onScopeDispose(close);
  return gpus;
}
