/** What a job process and its host say to each other. */
import type { JobKindName } from '../../../shared/contract/job-kinds';
import type { ErrorData } from '../../../shared/errors';

export interface JobRequest {
  type: 'run';
  id: string;
  kind: JobKindName;
  args: unknown;
  home: string;
}

export type ToJob = JobRequest | { type: 'cancel'; id: string };

export interface JobProgress {
  phase: string;
  done: number;
  total: number;
}

export type FromJob =
  | { type: 'ready' }
  | ({ type: 'progress'; id: string } & JobProgress)
  | { type: 'done'; id: string; result: unknown }
  | { type: 'failed'; id: string; error: ErrorData };

/** A file of services/jobs exports `job` of this form; its name is the kind. */
export interface JobImplementation<A, R> {
  run(args: A, call: JobCall): Promise<R>;
}

export interface JobCall {
  home: string;
  signal: AbortSignal;
  progress(phase: string, done: number, total: number): void;
}
