/** Writes one export. The job continues when the panel is left, and is found again. */
import { onMounted, onUnmounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { JobArgs, JobResult } from '../../../shared/contract/job-kinds';
import { errorData, type ErrorData } from '../../../shared/errors';
import { call, followJob } from '../../api/client';

export interface ExportJob {
  /** The current phase; null: none. */
  phase: Ref<string | null>;
  error: ShallowRef<ErrorData | null>;
  /** The last export that was written here. */
  done: ShallowRef<JobResult<'export'> | null>;
  /** Whether something at the destination may be replaced. */
  occupied: Ref<boolean>;
  start: (args: JobArgs<'export'>) => Promise<void>;
  cancel: () => void;
}

export function useExport(run: string): ExportJob {
  const phase = ref<string | null>(null);
  const error = shallowRef<ErrorData | null>(null);
  const done = shallowRef<JobResult<'export'> | null>(null);
  const occupied = ref(false);
  let job: string | null = null;
  let closed = false;

  async function follow(id: string): Promise<void> {
    job = id;
    try {
      done.value = await followJob('export', id, {
        onProgress: ({ progress }) => !closed && (phase.value = progress.phase),
      });
    } catch (thrown) {
      const data = errorData(thrown);
      if (data.code === 'export_exists') occupied.value = true;
      else if (data.code !== 'interrupted') error.value = data;
    }
    [job, phase.value] = [null, null];
  }

  async function start(args: JobArgs<'export'>): Promise<void> {
    [phase.value, error.value, done.value, occupied.value] = ['starting', null, null, false];
    try {
      const { job: id } = await call('jobs.start', { kind: 'export', args, subject: run });
      await follow(id);
    } catch (thrown) {
      error.value = errorData(thrown);
      phase.value = null;
    }
  }

  const cancel = (): void => {
    if (job !== null) void call('jobs.cancel', { job });
  };

  onMounted(async () => {
    const jobs = await call('jobs.list', {}).catch(() => []);
    const mine = jobs.find(({ kind, state, subject }) => kind === 'export' && state === 'running' && subject === run);
    if (mine && phase.value === null) {
      phase.value = mine.progress.phase;
      await follow(mine.id);
    }
  });
  onUnmounted(() => (closed = true));

  return { phase, error, done, occupied, start, cancel };
}
