/** The training thread's side of the store: entries go to the writer thread, requests come back through shared memory. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ErrorData } from '../../shared/errors';
import { EntryWriter, type Entry } from './entries';
import type { Store } from './open';

export const REQUESTS = [null, 'pause', 'stop'] as const;
export const SLOT = { request: 0, failing: 1 } as const;

export interface WriterData {
  path: string;
  runId: string;
  shared: SharedArrayBuffer;
  spoolPath: string;
}

export interface WriterMessage {
  entries: Entry[];
  flush?: number;
  close?: boolean;
}

type Answer = { flushed: number; left: number } | { failing: ErrorData } | { closed: true };

const POST_EVERY_MS = 250;
const POST_EVERY_ENTRIES = 1000;

export class Recorder {
  private entries: Entry[] = [];
  private posted = performance.now();
  private readonly flags: Int32Array;
  private readonly worker: Worker;
  private flushes = 0;
  /** The database's last trouble; entries are kept meanwhile. */
  trouble: ErrorData | null = null;

  /** @param workerFile out/main/store-writer.js */
  constructor(workerFile: string, options: Omit<WriterData, 'shared'>) {
    const shared = new SharedArrayBuffer(8);
    this.flags = new Int32Array(shared);
    this.worker = new Worker(workerFile, { workerData: { ...options, shared } satisfies WriterData });
    this.worker.on('message', (answer: Answer) => {
      if ('failing' in answer) this.trouble = answer.failing;
    });
  }

  /** Never waits. */
  write(entry: Entry): void {
    this.entries.push(entry);
    if (this.entries.length >= POST_EVERY_ENTRIES || performance.now() - this.posted > POST_EVERY_MS) this.post({});
  }

  /** What another process has asked of this run. */
  requested(): 'pause' | 'stop' | null {
    return REQUESTS[Atomics.load(this.flags, SLOT.request)] ?? null;
  }

  /** Resolves when everything so far is written, or found not to be writable now (false). */
  async flush(): Promise<boolean> {
    const number = ++this.flushes;
    const answered = this.answer((answer) => ('flushed' in answer && answer.flushed === number ? { done: answer.left === 0 } : null));
    this.post({ flush: number });
    return (await answered).done;
  }

  async close(): Promise<void> {
    const closed = this.answer((answer) => ('closed' in answer ? answer : null));
    this.post({ close: true, flush: ++this.flushes });
    await closed;
    await this.worker.terminate();
  }

  private answer<T>(match: (answer: Answer) => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const listen = (answer: Answer): void => {
        const found = match(answer);
        if (found === null) return;
        this.worker.off('message', listen);
        resolve(found);
      };
      this.worker.on('message', listen);
      this.worker.once('error', reject);
    });
  }

  private post(message: Omit<WriterMessage, 'entries'>): void {
    this.worker.postMessage({ entries: this.entries, ...message } satisfies WriterMessage);
    this.entries = [];
    this.posted = performance.now();
  }
}

/** Take in what a run had to leave in a file when the database could not be written. */
export function takeSpooled(store: Store, runId: string, spoolPath: string): number {
  if (!existsSync(spoolPath)) return 0;
  const entries = readFileSync(spoolPath, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
  const writer = new EntryWriter(store, runId);
  store.transaction(() => entries.forEach((entry) => writer.apply(entry))).immediate();
  rmSync(spoolPath);
  return entries.length;
}
