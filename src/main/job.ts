/**
 * A job process. It runs jobs that its host sends over the channel, and ends with the host. Kinds are the files of
 * services/jobs.
 */
import { JOB_KINDS } from '../shared/contract/job-kinds';
import { AppError, errorData } from '../shared/errors';
import { databasePath } from './base/home';
import { databaseError } from './store/store-error';
import type { FromJob, JobImplementation, JobRequest, ToJob } from './services/core/job-protocol';

const files = import.meta.glob<{ job: JobImplementation<unknown, unknown> }>('./services/jobs/*.ts');
const cancels = new Map<string, AbortController>();

const send = (message: FromJob): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const cancelled = (): AppError =>
  new AppError({
    code: 'interrupted',
    what: 'Cancelled.',
    why: 'It was asked to end.',
    next: 'Start it again when you like.',
  });

/** Maps a kind to its file: `stage_views` is stage-views.ts. */
const fileOf = (kind: string): string => `./services/jobs/${kind.replaceAll('_', '-')}.ts`;

/** Checks the files. @throws Error where a kind of the contract has no file, or a file is no kind of it */
function checkFiles(): void {
  const wanted = new Set(Object.keys(JOB_KINDS).map(fileOf));
  const wrong = [
    ...[...wanted].filter((file) => !(file in files)),
    ...Object.keys(files).filter((file) => !wanted.has(file)),
  ];
  if (wrong.length) throw new Error(`the kinds of jobs and the files of services/jobs differ in ${wrong.join(', ')}`);
}
checkFiles();

async function run({ id, kind, args, home }: JobRequest): Promise<void> {
  const controller = new AbortController();
  cancels.set(id, controller);
  try {
    const { job } = await (files[fileOf(kind)] as (typeof files)[string])();
    const progress = (phase: string, done: number, total: number): void =>
      send({ type: 'progress', id, phase, done, total });
    const result = await job.run(JOB_KINDS[kind].args.parse(args), { home, signal: controller.signal, progress });
    send({ type: 'done', id, result });
  } catch (error) {
    const told = controller.signal.aborted ? cancelled() : databaseError(error, databasePath(home));
    send({ type: 'failed', id, error: errorData(told) });
  } finally {
    cancels.delete(id);
  }
}

process.on('message', (message: ToJob) => {
  if (message.type === 'cancel') cancels.get(message.id)?.abort(cancelled());
  else void run(message);
});
process.on('disconnect', () => process.exit());
send({ type: 'ready' });
