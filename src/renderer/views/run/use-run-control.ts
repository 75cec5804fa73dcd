/** Pause, resume and stop. Each answers at once: the request is shown until the trainer's own state takes over. */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import type { RunDetails } from '../../../shared/contract/runs';
import { isLive, type RunState } from '../../../shared/run-state';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';
import { allows } from '../runs/actions';

export type Asked = 'pause' | 'stop' | 'resume';

/** How long a request without an answer is shown. */
const BELIEVED_MS = 15_000;
const SHOWN: Record<Asked, RunState> = { pause: 'pausing', stop: 'stopping', resume: 'preparing' };

export interface RunControl {
  /** The state that is shown. */
  state: ComputedRef<RunState>;
  /** The trainer's pending request. */
  asked: ComputedRef<'pause' | 'stop' | null>;
  can: ComputedRef<{ pause: boolean; stop: boolean; resume: boolean }>;
  pause: () => Promise<void>;
  stop: () => Promise<void>;
  resume: () => Promise<void>;
}

export function useRunControl(run: Readonly<Ref<RunDetails>>, refresh: () => Promise<void>): RunControl {
  const failures = useFailures();
  const own = shallowRef<Asked | null>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;

  function forget(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    own.value = null;
  }

  const actual = computed(() => run.value.summary.state);
  const state = computed((): RunState => {
    if (own.value === 'resume') return isLive(actual.value) ? actual.value : SHOWN.resume;
    const asked = own.value ?? run.value.request;
    return asked && isLive(actual.value) ? SHOWN[asked] : actual.value;
  });
  const asked = computed(() => (state.value === 'pausing' ? 'pause' : state.value === 'stopping' ? 'stop' : null));
  const can = computed(() => {
    const shown = { ...run.value.summary, state: state.value };
    return {
      pause: allows(shown, 'pause'),
      stop: allows(shown, 'stop'),
      resume: allows(shown, 'resume') || allows(shown, 'start'),
    };
  });
  watch(actual, (now, before) => {
    const live = isLive(now);
    if (own.value === 'resume' ? live : !live || now !== before) forget();
  });

  async function ask(what: Asked, name: 'runs.pause' | 'runs.stop' | 'runs.start'): Promise<void> {
    if (!can.value[what]) return;
    own.value = what;
    if (timer) clearTimeout(timer);
    timer = setTimeout(forget, BELIEVED_MS);
    try {
      await call(name, { run: run.value.summary.id });
    } catch (error) {
      forget();
      failures.report(error);
    }
    await refresh();
  }

  return {
    ...{ state, asked, can },
    pause: () => ask('pause', 'runs.pause'),
    stop: () => ask('stop', 'runs.stop'),
    resume: () => ask('resume', 'runs.start'),
  };
}
