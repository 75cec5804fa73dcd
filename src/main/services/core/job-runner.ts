/**
 * Runs jobs outside the host's process. Heavy kinds get a process of their own; quick ones (pictures, predictions)
 * share one that stays warm for a while, so that a drag in the schedule editor doesn't start a process each time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { JOB_KINDS, type JobArgs, type JobKindName, type JobResult } from '../../../shared/contract/job-kinds';
import type { Job } from '../../../shared/contract/jobs';
import { AppError, type ErrorData } from '../../../shared/errors';
import { gpuEnvironment } from '../../engine/backend/environment';
import { entryPath } from '../../base/entry';
import { nodeProgram } from '../processes/node-process';
import { letGo, notStarted, onEnd, started, tell } from '../processes/child-process';
import { fromJobSchema, type ToJob } from './job-protocol';

const QUICK: readonly JobKindName[] = ['stage_views', 'filter_views', 'batch', 'reconstructions', 'predict'];
const IDLE_MS = 60_000;
/** Number of finished jobs that are remembered. */
const KEPT = 50;
/** An estimate is stable after this many milliseconds. */
const STABLE_MS = 2000;

interface Entry {
  job: Job;
  /** When its present phase began: the speed of the phase before does not apply to it. */
  began: number;
  child: ChildProcess;
  settle: { resolve: (result: unknown) => void; reject: (error: AppError) => void };
}

export class JobRunner {
  private readonly entries = new Map<string, Entry>();
  private readonly finished: Job[] = [];
  private readonly children = new Set<ChildProcess>();
  private quick: ChildProcess | null = null;
  private idle: NodeJS.Timeout | null = null;

  constructor(
    private readonly home: string,
    private readonly onChange: () => void,
  ) {}

  list(): Job[] {
    return [...[...this.entries.values()].map(({ job }) => job), ...this.finished];
  }

  /** Returns a job. @throws AppError not_found */
  get(id: string): Job {
    const job = this.list().find((candidate) => candidate.id === id);
    if (job) return job;
    throw new AppError({
      code: 'not_found',
      what: `There is no job ${id}.`,
      why: 'It may have ended long ago.',
      next: 'Start it again.',
    });
  }

  /** Starts a job. @param args parsed already @returns the job's id at once, and a promise of its result */
  start<K extends JobKindName>(
    kind: K,
    args: JobArgs<K>,
    subject: string | null = null,
  ): { id: string; result: Promise<JobResult<K>> } {
    const id = randomBytes(6).toString('hex');
    const child = QUICK.includes(kind) ? this.quickChild(kind) : this.spawn(kind);
    const job: Job = {
      ...{
        id,
        kind,
        state: 'running',
        started: new Date().toISOString(),
        progress: { phase: 'starting', done: 0, total: 0 },
      },
      ...{ seconds_left: null, result: null, error: null, subject },
    };
    const result = new Promise<unknown>((resolve, reject) => {
      this.entries.set(id, { job, began: performance.now(), child, settle: { resolve, reject } });
    });
    // A caller that only starts a job reads its state; only one that awaits it wants the rejection.
    result.catch(() => undefined);
    tell(child, { type: 'run', id, kind, args, home: this.home } satisfies ToJob);
    this.onChange();
    return { id, result: result as Promise<JobResult<K>> };
  }

  cancel(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    tell(entry.child, { type: 'cancel', id } satisfies ToJob);
  }

  /** Ends every job process. */
  close(): void {
    if (this.idle) clearTimeout(this.idle);
    for (const child of this.children) child.kill();
  }

  private quickChild(kind: JobKindName): ChildProcess {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    this.quick ??= this.spawn(kind);
    return this.quick;
  }

  private spawn(kind: JobKindName): ChildProcess {
    const { path, env } = nodeProgram();
    const child = started(kind, () =>
      fork(entryPath('job'), [], {
        execPath: path,
        execArgv: ['--enable-source-maps'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        serialization: 'advanced',
        env: { ...process.env, ...gpuEnvironment(), ...env },
      }),
    );
    this.children.add(child);
    child.on('message', (message) => this.received(child, message));
    child.on('disconnect', () => this.unreachable(child));
    onEnd(child, (how) => this.ended(child, how));
    return child;
  }

  private received(child: ChildProcess, said: unknown): void {
    const parsed = fromJobSchema.safeParse(said);
    if (!parsed.success) return this.misunderstood(child, said, parsed.error.message);
    const message = parsed.data;
    if (message.type === 'ready') return;
    const entry = this.entries.get(message.id);
    if (!entry) return;
    if (message.type === 'progress') this.advance(entry, message);
    else if (message.type === 'failed') this.finish(entry, null, message.error);
    else {
      const result = JOB_KINDS[entry.job.kind].result.safeParse(message.result);
      if (result.success) this.finish(entry, result.data, null);
      else this.finish(entry, null, unreadable(entry.job.kind, result.error.message));
    }
    if (message.type !== 'progress' && child !== this.quick) letGo(child);
  }

  /** Ends a process of another version, for example after an update under a running host. */
  private misunderstood(child: ChildProcess, said: unknown, why: string): void {
    const { id } = (said ?? {}) as { id?: unknown };
    const entry = typeof id === 'string' ? this.entries.get(id) : undefined;
    if (!entry) return;
    this.finish(entry, null, unreadable(entry.job.kind, why));
    if (child !== this.quick) letGo(child);
  }

  private advance(entry: Entry, { phase, done, total }: Job['progress']): void {
    const { job } = entry;
    const now = performance.now();
    if (phase !== job.progress.phase) entry.began = now;
    const elapsed = now - entry.began;
    job.progress = { phase, done, total };
    job.seconds_left = done > 0 && total > 0 && elapsed > STABLE_MS ? ((elapsed / done) * (total - done)) / 1000 : null;
    this.onChange();
  }

  private finish(entry: Entry, result: unknown, error: ErrorData | null): void {
    const { job, settle } = entry;
    this.entries.delete(job.id);
    job.state = error === null ? 'done' : error.code === 'interrupted' ? 'cancelled' : 'failed';
    job.result = result;
    job.error = error;
    this.finished.unshift(job);
    this.finished.length = Math.min(this.finished.length, KEPT);
    if (error) settle.reject(new AppError(error));
    else settle.resolve(result);
    if (entry.child === this.quick && !this.entriesOf(entry.child).length) {
      this.idle = setTimeout(() => this.retire(entry.child), IDLE_MS);
      this.idle.unref();
    }
    this.onChange();
  }

  /** Removes a process without a channel, which takes no more jobs, at once and not when it has ended. */
  private retire(child: ChildProcess): void {
    if (this.quick === child) this.quick = null;
    letGo(child);
  }

  /** Handles a closed channel: the process will never answer what it has not answered by now. */
  private unreachable(child: ChildProcess): void {
    this.retire(child);
    if (this.entriesOf(child).length) child.kill('SIGKILL');
  }

  private ended(child: ChildProcess, how: string): void {
    this.children.delete(child);
    this.retire(child);
    for (const entry of this.entriesOf(child)) {
      const { kind } = entry.job;
      this.finish(entry, null, child.pid === undefined ? notStarted(kind, how).data : lost(kind, how));
    }
  }

  private entriesOf(child: ChildProcess): Entry[] {
    return [...this.entries.values()].filter((entry) => entry.child === child);
  }
}

const lost = (kind: JobKindName, how: string): ErrorData => ({
  code: 'internal',
  what: `The process of this ${kind} ended unexpectedly.`,
  why: `It ended with ${how}, often because memory ran out.`,
  next: 'Start it again; with a smaller batch if it happens twice.',
});

const unreadable = (kind: JobKindName, why: string): ErrorData => ({
  code: 'internal',
  what: `The result of this ${kind} can't be read.`,
  why,
  next: 'Restart the program, so that all its processes are of one version. If it happens again, report it.',
});
