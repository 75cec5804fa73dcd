/** Calls and topics as the screens use them: typed, parsed, errors thrown as AppError. */
import './without-eval';
import {
  CALLS,
  TOPICS,
  type Args,
  type CallName,
  type Result,
  type Topic,
  type TopicData,
} from '../../shared/contract';
import { JOB_KINDS, type JobArgs, type JobKindName, type JobResult } from '../../shared/contract/job-kinds';
import type { Job } from '../../shared/contract/jobs';
import { AppError } from '../../shared/errors';
import { desktopTransport } from './transport-desktop';
import { SocketTransport } from './transport-socket';

const transport = window.studio ? desktopTransport(window.studio) : new SocketTransport();
const listeners = new Map<Topic, Set<(data: never) => void>>();

/**
 * The latest of each topic that has no listener yet: a folder that was opened with the program comes before its screens
 * exist.
 */
const unheard = new Map<Topic, never>();

transport.onTopic((topic, data) => {
  if (!Object.hasOwn(TOPICS, topic)) return;
  const parsed = TOPICS[topic as Topic].parse(data) as never;
  const known = listeners.get(topic as Topic);
  if (known?.size) for (const listener of known) listener(parsed);
  else unheard.set(topic as Topic, parsed);
});

type StateListener = (connected: boolean, why: string | null) => void;

const stateListeners = new Set<StateListener>();
let state: Parameters<StateListener> | null = null;

transport.onState((...now) => {
  state = now;
  for (const listener of stateListeners) listener(...now);
});

/** Reports the current state at once, and then every change. */
export function onConnection(listener: StateListener): void {
  stateListeners.add(listener);
  if (state) listener(...state);
}

/** Makes a call. @throws AppError the program's error */
export async function call<N extends CallName>(name: N, args: Args<N>): Promise<Result<N>> {
  // The arguments become plain data, because reactive objects can't be cloned.
  const reply = await transport.call(name, JSON.parse(JSON.stringify(args)));
  if (!reply.ok) throw new AppError(reply.error);
  return CALLS[name].result.parse(reply.value) as Result<N>;
}

/** Listens to a topic. @returns a function that stops listening */
export function on<T extends Topic>(topic: T, listener: (data: TopicData<T>) => void): () => void {
  const known = listeners.get(topic) ?? new Set();
  listeners.set(topic, known);
  known.add(listener as (data: never) => void);
  if (unheard.has(topic)) listener(unheard.get(topic) as never);
  unheard.delete(topic);
  return () => known.delete(listener as (data: never) => void);
}

export interface JobOptions {
  onProgress?: (job: Job) => void;
  /** Aborting it cancels the job. */
  signal?: AbortSignal;
  subject?: string | null;
}

/** Starts a job and waits for its result. @throws AppError of the job; code interrupted where it was cancelled */
export async function runJob<K extends JobKindName>(
  kind: K,
  args: JobArgs<K>,
  { onProgress, signal, subject = null }: JobOptions = {},
): Promise<JobResult<K>> {
  const { job } = await call('jobs.start', { kind, args, subject });
  return followJob(kind, job, { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) });
}

/** Waits for a job that was started before. @throws AppError of the job; code interrupted where it was cancelled */
export async function followJob<K extends JobKindName>(
  kind: K,
  id: string,
  { onProgress, signal }: Omit<JobOptions, 'subject'> = {},
): Promise<JobResult<K>> {
  const cancel = (): void => void call('jobs.cancel', { job: id });
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    const job = await ended(id, onProgress);
    if (job.error) throw new AppError(job.error);
    return JOB_KINDS[kind].result.parse(job.result) as JobResult<K>;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function ended(id: string, onProgress: JobOptions['onProgress']): Promise<Job> {
  return new Promise((resolve, reject) => {
    let [asking, again] = [false, false];
    const look = async (): Promise<void> => {
      again = asking;
      if (asking) return;
      asking = true;
      try {
        const job = await call('jobs.get', { job: id });
        onProgress?.(job);
        if (job.state !== 'running') {
          stop();
          resolve(job);
        }
      } catch (error) {
        stop();
        reject(error as Error);
      }
      asking = false;
      if (again) void look();
    };
    const stop = on('jobs', () => void look());
    void look();
  });
}
