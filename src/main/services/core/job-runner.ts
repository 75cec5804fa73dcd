/**
 * Runs jobs outside the host's process. Heavy kinds get a process of their own; quick ones (pictures, predictions) share one that stays
 * warm for a while, so that a drag in the schedule editor isn't a process start each time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { JOB_KINDS, type JobArgs, type JobKindName, type JobResult } from '../../../shared/contract/job-kinds';
import type { Job } from '../../../shared/contract/jobs';
import { AppError, errorData, type ErrorData } from '../../../shared/errors';
import { gpuEnvironment } from '../../engine/backend/environment';
import { entryPath } from '../../entry';
import { nodeProgram } from '../node-process';
import type { FromJob, ToJob } from './job-protocol';

const QUICK: readonly JobKindName[] = ['stage_views', 'batch', 'predict'];
const IDLE_MS = 60_000;
/** Finished jobs that are remembered. */
const KEPT = 50;
/** An estimate is stable after this long. */
const STABLE_MS = 2000;

interface Entry {
  job: Job;
  /** When its present phase began: the speed of the one before says nothing of it. */
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

  /** @throws AppError not_found */
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

  /** @param args parsed already @returns the job's id at once, and what it will come to */
  start<K extends JobKindName>(
    kind: K,
    args: JobArgs<K>,
    subject: string | null = null,
  ): { id: string; result: Promise<JobResult<K>> } {
    const id = randomBytes(6).toString('hex');
    const child = QUICK.includes(kind) ? this.quickChild() : this.spawn();
    const job: Job = {
      ...{ id, kind, state: 'running', started: new Date().toISOString(), progress: { phase: 'starting', done: 0, total: 0 } },
      ...{ seconds_left: null, result: null, error: null, subject },
    };
    const result = new Promise<unknown>((resolve, reject) => {
      this.entries.set(id, { job, began: performance.now(), child, settle: { resolve, reject } });
    });
    // Who only starts a job looks at its state; only who awaits it wants the rejection.
    result.catch(() => undefined);
    child.send({ type: 'run', id, kind, args, home: this.home } satisfies ToJob);
    this.onChange();
    return { id, result: result as Promise<JobResult<K>> };
  }

  cancel(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.child.send({ type: 'cancel', id } satisfies ToJob);
  }

  /** Ends every job process. */
  close(): void {
    if (this.idle) clearTimeout(this.idle);
    for (const child of this.children) child.kill();
  }

  private quickChild(): ChildProcess {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    this.quick ??= this.spawn();
    return this.quick;
  }

  private spawn(): ChildProcess {
    const { path, env } = nodeProgram();
    const child = fork(entryPath('job'), [], {
      execPath: path,
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, ...gpuEnvironment(), ...env },
    });
    this.children.add(child);
    child.on('message', (message) => this.received(child, message as FromJob));
    child.on('exit', (code, signal) => this.ended(child, signal ?? `exit code ${code}`));
    return child;
  }

  private received(child: ChildProcess, message: FromJob): void {
    if (message.type === 'ready') return;
    const entry = this.entries.get(message.id);
    if (!entry) return;
    const { job } = entry;
    if (message.type === 'progress') {
      const { phase, done, total } = message;
      const now = performance.now();
      if (phase !== job.progress.phase) entry.began = now;
      const elapsed = now - entry.began;
      job.progress = { phase, done, total };
      job.seconds_left = done > 0 && total > 0 && elapsed > STABLE_MS ? ((elapsed / done) * (total - done)) / 1000 : null;
      this.onChange();
    } else if (message.type === 'done') this.finish(entry, JOB_KINDS[job.kind].result.parse(message.result), null);
    else this.finish(entry, null, message.error);
    if (message.type !== 'progress' && child !== this.quick) child.disconnect();
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
    if (entry.child === this.quick && ![...this.entries.values()].some(({ child }) => child === this.quick)) {
      this.idle = setTimeout(() => this.quick?.disconnect(), IDLE_MS);
      this.idle.unref();
    }
    this.onChange();
  }

  private ended(child: ChildProcess, how: string): void {
    this.children.delete(child);
    if (this.quick === child) this.quick = null;
    for (const entry of [...this.entries.values()]) {
      if (entry.child !== child) continue;
      const error = new AppError({
        code: 'internal',
        what: `The process of this ${entry.job.kind} ended unexpectedly.`,
        why: `It ended with ${how}, often for want of memory.`,
        next: 'Start it again; with a smaller batch if it happens twice.',
      });
      this.finish(entry, null, errorData(error));
    }
  }
}
