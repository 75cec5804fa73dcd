/**
 * The checks before a start. They run on demand, and by the start itself where nothing has been checked since the last
 * change.
 */
import { computed, onUnmounted, shallowRef } from 'vue';
import type { PreflightResult } from '../../../shared/contract/plans';
import type { Job } from '../../../shared/contract/jobs';
import { errorData, type ErrorData } from '../../../shared/errors';
import { runJob } from '../../api/client';
import type { Design } from './use-design';

export type Preflight = ReturnType<typeof usePreflight>;

/** The name does not affect the checks. */
const subjectOf = ({ body }: Design): string => JSON.stringify({ ...body.value, name: '' });

export function usePreflight(design: Design) {
  const result = shallowRef<PreflightResult | null>(null);
  const checked = shallowRef('');
  /** The model that `result` was measured with. */
  const model = shallowRef<string | null>(null);
  const progress = shallowRef<Job['progress'] | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  let controller: AbortController | null = null;

  const fresh = computed(() => result.value !== null && checked.value === subjectOf(design));
  const busy = computed(() => progress.value !== null);
  const worst = computed(() => {
    const states = result.value?.items.map(({ state }) => state) ?? [];
    return states.includes('error') ? 'error' : states.includes('warning') ? 'warning' : 'good';
  });

  /** Runs the checks. @returns whether they came to an end */
  async function run(dryRun = true): Promise<boolean> {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    const subject = subjectOf(design);
    progress.value = { phase: 'starting', done: 0, total: 0 };
    error.value = null;
    result.value = null;
    try {
      const draft = JSON.parse(JSON.stringify(design.body.value)) as Design['body']['value'];
      const answer = await runJob(
        'preflight',
        { draft, dry_run: dryRun },
        {
          signal: own.signal,
          onProgress: (job) => {
            if (controller === own && job.state === 'running') progress.value = job.progress;
          },
        },
      );
      if (controller !== own) return false;
      [model.value, checked.value] = [draft.model, subject];
      result.value = answer;
      return true;
    } catch (thrown) {
      if (controller === own && !own.signal.aborted) error.value = errorData(thrown);
      return false;
    } finally {
      if (controller === own) progress.value = null;
    }
  }

  function cancel(): void {
    controller?.abort();
    controller = null;
    progress.value = null;
  }

  onUnmounted(cancel);
  return { result, model, fresh, busy, progress, error, worst, run, cancel };
}
