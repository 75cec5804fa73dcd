/**
 * Runs one job of a kind at a time: the newest call replaces and cancels the one before, and the last is cancelled when
 * the screen closes.
 */
import { onUnmounted, shallowRef, type ShallowRef } from 'vue';
import type { JobArgs, JobKindName, JobResult } from '../../shared/contract/job-kinds';
import type { Job } from '../../shared/contract/jobs';
import { errorData, type ErrorData } from '../../shared/errors';
import { runJob } from '../api/client';

export interface JobState<K extends JobKindName> {
  /** The last answer; it stays until the next one comes. */
  result: ShallowRef<JobResult<K> | null>;
  error: ShallowRef<ErrorData | null>;
  busy: ShallowRef<boolean>;
  progress: ShallowRef<Job['progress'] | null>;
  start: (args: JobArgs<K>, subject: string) => Promise<void>;
  cancel: () => void;
}

export function useJob<K extends JobKindName>(kind: K): JobState<K> {
  const result = shallowRef(null) as ShallowRef<JobResult<K> | null>;
  const error = shallowRef<ErrorData | null>(null);
  const busy = shallowRef(false);
  const progress = shallowRef<Job['progress'] | null>(null);
  let controller: AbortController | null = null;

  async function start(args: JobArgs<K>, subject: string): Promise<void> {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    busy.value = true;
    error.value = null;
    progress.value = null;
    try {
      const onProgress = (job: Job): void => {
        if (!own.signal.aborted) progress.value = job.progress;
      };
      const answer = await runJob(kind, args, { signal: own.signal, subject, onProgress });
      if (!own.signal.aborted) result.value = answer;
    } catch (thrown) {
      if (!own.signal.aborted) error.value = errorData(thrown);
    }
    if (controller === own) busy.value = false;
  }

  function cancel(): void {
    controller?.abort();
    controller = null;
    busy.value = false;
  }

  onUnmounted(cancel);
  return { result, error, busy, progress, start, cancel };
}
