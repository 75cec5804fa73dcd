/**
 * The training thread's side of the store: entries go to the writer thread, requests come back through shared memory.
 */
import { Worker } from 'node:worker_threads';
import { errorData, type ErrorData } from '../../shared/errors';
import type { Entry } from './entries';
import { RunTaken } from './ownership';
import type { ProcessIdentity } from './process-identity';
import { spoolEntries } from './spool';

export { takeSpooled } from './spool';

/** Requests of other processes. `taken`: another process has the run now. */
export const REQUESTS = [null, 'pause', 'stop', 'taken'] as const;
export const SLOT = { request: 0 } as const;

export interface WriterData {
  path: string;
  runId: string;
  shared: SharedArrayBuffer;
  spoolPath: string;
  /** This process, where it has claimed the run. */
  owner?: ProcessIdentity;
}

export interface WriterMessage {
  entries: Entry[];
  flush?: number;
  close?: boolean;
}

export type WriterAnswer =
  { flushed: number; written: boolean } | { stored: number; trouble: ErrorData | null } | { closed: boolean };

export interface RecorderHealth {
  /** Why the database can't be written now; nothing is lost meanwhile. */
  trouble: ErrorData | null;
  /** Number of entries that have not reached the disk yet. */
  waiting: number;
}

const POST_EVERY_MS = 250;
const POST_EVERY_ENTRIES = 1000;

export class Recorder {
  private entries: Entry[] = [];
  /** Batches that the writer has not confirmed, with the number of entries up to their end. */
  private unconfirmed: { end: number; entries: Entry[] }[] = [];
  private posted = 0;
  private postedAt = performance.now();
  private readonly flags: Int32Array;
  private readonly worker: Worker;
  private readonly waitingFlushes = new Map<number, (written: boolean) => void>();
  private flushes = 0;
  private alive = true;
  private closing: ((written: boolean) => void) | null = null;
  /** Why the database can't be written now, null while it can. Entries are kept meanwhile. */
  trouble: ErrorData | null = null;

  /** @param workerFile out/main/store-writer.js */
  constructor(
    workerFile: string,
    private readonly options: Omit<WriterData, 'shared'>,
  ) {
    const shared = new SharedArrayBuffer(4);
    this.flags = new Int32Array(shared);
    this.worker = new Worker(workerFile, { workerData: { ...options, shared } satisfies WriterData });
    this.worker.on('message', (answer: WriterAnswer) => this.hear(answer));
    this.worker.on('error', (error) => (this.trouble = errorData(error)));
    this.worker.on('exit', () => this.ended());
  }

  /** Queues an entry without waiting. */
  write(entry: Entry): void {
    this.entries.push(entry);
    if (this.entries.length >= POST_EVERY_ENTRIES || performance.now() - this.postedAt > POST_EVERY_MS) this.post({});
  }

  /**
   * Returns the request of another process for this run: one load from shared memory. @throws RunTaken where it has the
   * run itself
   */
  requested(): 'pause' | 'stop' | null {
    const request = REQUESTS[Atomics.load(this.flags, SLOT.request)] ?? null;
    if (request === 'taken') throw new RunTaken();
    return request;
  }

  health(): RecorderHealth {
    return {
      trouble: this.trouble,
      waiting: this.entries.length + this.unconfirmed.reduce((sum, { entries }) => sum + entries.length, 0),
    };
  }

  /** Resolves when everything so far is in the database (true), or could not be written now (false). */
  flush(): Promise<boolean> {
    const number = ++this.flushes;
    const written = new Promise<boolean>((resolve) => this.waitingFlushes.set(number, resolve));
    this.post({ flush: number });
    return written;
  }

  /** Writes the rest, to the spool file where the database can't be written (false), and ends the thread. */
  close(): Promise<boolean> {
    if (!this.alive) {
      this.post({});
      return Promise.resolve(false);
    }
    const closed = new Promise<boolean>((resolve) => (this.closing = resolve));
    this.post({ close: true });
    return closed;
  }

  private hear(answer: WriterAnswer): void {
    if ('stored' in answer) {
      this.trouble = answer.trouble;
      this.unconfirmed = this.unconfirmed.filter(({ end }) => end > answer.stored);
    } else if ('flushed' in answer) {
      this.waitingFlushes.get(answer.flushed)?.(answer.written);
      this.waitingFlushes.delete(answer.flushed);
    } else {
      this.alive = false;
      this.closing?.(answer.closed);
    }
  }

  private post(message: Omit<WriterMessage, 'entries'>): void {
    const { entries } = this;
    this.entries = [];
    this.postedAt = performance.now();
    if (entries.length) this.unconfirmed.push({ end: (this.posted += entries.length), entries });
    if (this.alive) this.worker.postMessage({ entries, ...message } satisfies WriterMessage);
    else this.spoolUnconfirmed();
  }

  /**
   * Handles the end of the thread: it is expected after `close`; otherwise it is a defect, and the spool file takes its
   * entries.
   */
  private ended(): void {
    const expected = !this.alive;
    this.alive = false;
    if (expected) return;
    this.trouble ??= errorData(new Error('the writer thread ended unexpectedly'));
    this.spoolUnconfirmed();
    this.closing?.(false);
  }

  private spoolUnconfirmed(): void {
    const entries = this.unconfirmed.flatMap((batch) => batch.entries);
    try {
      if (entries.length) spoolEntries(this.options.spoolPath, entries);
      this.unconfirmed = [];
    } catch (error) {
      // The entries are kept in memory and tried again with the next batch.
      this.trouble = errorData(error);
    }
    for (const resolve of this.waitingFlushes.values()) resolve(false);
    this.waitingFlushes.clear();
  }
}
