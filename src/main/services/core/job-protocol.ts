/** Messages between a job process and its host. */
import { z } from 'zod';
import { errorSchema } from '../../../shared/contract/common';
import type { JobKindName } from '../../../shared/contract/job-kinds';

export interface JobRequest {
  type: 'run';
  id: string;
  kind: JobKindName;
  args: unknown;
  home: string;
}

export type ToJob = JobRequest | { type: 'cancel'; id: string };

const count = z.number().catch(0);

export const fromJobSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  // A count that is not a number must not lose the work.
  z.object({ type: z.literal('progress'), id: z.string(), phase: z.string(), done: count, total: count }),
  /** The result, parsed by the schema of the job's kind. */
  z.object({ type: z.literal('done'), id: z.string(), result: z.unknown() }),
  z.object({ type: z.literal('failed'), id: z.string(), error: errorSchema }),
]);

export type FromJob = z.output<typeof fromJobSchema>;

/** A file of services/jobs exports `job` of this form; its name is the kind. */
export interface JobImplementation<A, R> {
  run(args: A, call: JobCall): Promise<R>;
}

export interface JobCall {
  home: string;
  signal: AbortSignal;
  progress(phase: string, done: number, total: number): void;
}
