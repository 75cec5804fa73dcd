/**
 * Long work outside the host's process: one schema per kind. A job has progress, can be cancelled, and leaves a result
 * or an error. Kinds are the files of services/jobs.
 */
import { z } from 'zod';
import { call } from './call';
import { errorSchema, id, noArgs, nothing } from './common';
import { JOB_KINDS } from './job-kinds';

export const jobSchema = z.object({
  id,
  kind: z.enum(Object.keys(JOB_KINDS) as [keyof typeof JOB_KINDS, ...(keyof typeof JOB_KINDS)[]]),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  started: z.string(),
  /** Phase, and done of total; total is 0 while it is not known. */
  progress: z.object({ phase: z.string(), done: z.number(), total: z.number() }),
  /** Estimated seconds left; null until the estimate is stable. */
  seconds_left: z.number().nullable(),
  result: z.unknown(),
  error: errorSchema.nullable(),
  /** Its subject, e.g. a run's or dataset's id. */
  subject: z.string().nullable(),
});

export type Job = z.infer<typeof jobSchema>;

export const jobCalls = {
  'jobs.list': call(noArgs, z.array(jobSchema)),
  'jobs.get': call(z.strictObject({ job: id }), jobSchema),
  /** Starts a job; the kind's own schema parses `args`. */
  'jobs.start': call(
    z.strictObject({ kind: jobSchema.shape.kind, args: z.unknown(), subject: z.string().nullable().default(null) }),
    z.object({ job: id }),
  ),
  'jobs.cancel': call(z.strictObject({ job: id }), nothing),
};
