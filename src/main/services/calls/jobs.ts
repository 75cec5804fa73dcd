import { JOB_KINDS, type JobArgs, type JobKindName } from '../../../shared/contract/job-kinds';
import { AppError } from '../../../shared/errors';
import type { CallContext, Handlers } from '../core/context';
import type { Grants } from '../core/grants';

/** Parses arguments by the kind's schema and replaces picked paths by their real paths. @throws AppError usage */
async function argsOf<K extends JobKindName>(kind: K, args: unknown, grants: Grants): Promise<JobArgs<K>> {
  const parsed = JOB_KINDS[kind].args.safeParse(args);
  if (!parsed.success)
    throw new AppError({
      code: 'usage',
      what: `The arguments of a ${kind} are not valid.`,
      why: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      next: 'This is a defect of the window; report it.',
    });
  const fields = { ...parsed.data } as Record<string, unknown>;
  for (const field of JOB_KINDS[kind].paths) fields[field] = await grants.checkInTime(String(fields[field]));
  return fields as JobArgs<K>;
}

async function start<K extends JobKindName>(
  { jobs, grants }: CallContext,
  kind: K,
  args: unknown,
  subject: string | null,
): Promise<string> {
  return jobs.start(kind, await argsOf(kind, args, grants), subject).id;
}

export const handlers: Handlers<'jobs'> = {
  'jobs.list': ({ jobs }) => jobs.list(),
  'jobs.get': ({ jobs }, { job }) => jobs.get(job),
  'jobs.start': async (context, { kind, args, subject }) => ({ job: await start(context, kind, args, subject) }),
  'jobs.cancel': ({ jobs }, { job }) => {
    jobs.cancel(job);
    return null;
  },
};
