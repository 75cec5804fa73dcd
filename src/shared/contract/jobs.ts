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
  /** What is being done; done of total, total 0 while it is not known. */
  progress: z.object({ phase: z.string(), done: z.number(), total: z.number() }),
  /** About; null until it is stable. */
  seconds_left: z.number().nullable(),
  result: z.unknown(),
  error: errorSchema.nullable(),
  /** What it is about, e.g. a run's or dataset's id. */
  subject: z.string().nullable(),
});

export type Job = z.infer<typeof jobSchema>;

export const jobCalls = {
  'jobs.list': call(noArgs, z.array(jobSchema)),
  'jobs.get': call(z.strictObject({ job: id }), jobSchema),
  /** `args` are parsed by the kind's own schema. */
  'jobs.start': call(
    z.strictObject({ kind: jobSchema.shape.kind, args: z.unknown(), subject: z.string().nullable().default(null) }),
    z.object({ job: id }),
  ),
  'jobs.cancel': call(z.strictObject({ job: id }), nothing),
};
