/** What the buttons over a search or a study do: each calls the host, and the banner shows what fails. */
import { ref, type Ref } from 'vue';
import { useFailures } from '../stores/failures';

export interface Steering {
  busy: Ref<boolean>;
  /** Stops or resumes the work, then fetches its state. */
  act: (call: () => Promise<unknown>) => Promise<void>;
  /** Makes calls that end on another screen. */
  leave: (calls: () => Promise<unknown>) => Promise<void>;
}

export function useSteering(refresh: () => Promise<void>): Steering {
  const failures = useFailures();
  const busy = ref(false);
  return {
    busy,
    async act(call) {
      busy.value = true;
      await call().catch(failures.report);
      await refresh();
      busy.value = false;
    },
    async leave(calls) {
      await calls().catch(failures.report);
    },
  };
}
