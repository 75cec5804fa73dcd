/**
 * Entries of one run that wait to be written: in memory, then in a spool file, then in the database, always in order.
 */
import { existsSync } from 'node:fs';
import { errorData, type ErrorData } from '../../shared/errors';
import { EntryWriter, type Entry } from './entries';
import type { Store } from './open';
import { beat, refuseUnlessOwner, RunTaken } from './ownership';
import type { ProcessIdentity } from './process-identity';
import { spoolEntries, takeSpooled } from './spool';
import { storable } from './storable';
import { storeError } from './store-error';

export interface QueueOptions {
  path: string;
  runId: string;
  spoolPath: string;
  open: () => Store;
  /** This process, where it has claimed the run. Once another process has it nothing more is written. */
  owner?: ProcessIdentity;
  /** Number of entries kept in memory while the database can't be written; more go to the spool file. */
  largest?: number;
}

/** Entries per transaction, few so that no process waits long after an outage. */
const CHUNK = 5000;

export class WriterQueue {
  private opened: { store: Store; writer: EntryWriter } | null = null;
  private entries: Entry[] = [];
  /** Number of entries that have reached the disk, database or spool file, since the start. */
  stored = 0;
  private writeTrouble: ErrorData | null = null;
  private pollTrouble: ErrorData | null = null;

  /** Whether another process has the run now. */
  taken = false;
  /** Whether this process has released the run: it has no owner then. */
  private released = false;

  constructor(private readonly options: QueueOptions) {}

  get waiting(): number {
    return this.entries.length;
  }

  /** Returns why the database can't be used now. */
  get trouble(): ErrorData | null {
    return this.writeTrouble ?? this.pollTrouble;
  }

  push(entries: readonly Entry[]): void {
    if (this.taken) return;
    for (const entry of entries) {
      this.entries.push(storable(entry));
      if (entry.kind === 'run' && entry.release) this.released = true;
    }
  }

  /** Writes all waiting entries. Where that fails it keeps them, and gives the reason in `trouble`. */
  drain(): boolean {
    const { options } = this;
    if (this.taken) return false;
    if (!this.entries.length && !existsSync(options.spoolPath)) return true;
    try {
      const { store, writer } = this.open();
      if (options.owner) refuseUnlessOwner(store, options.runId, options.owner);
      takeSpooled(store, options.runId, options.spoolPath, true);
      while (this.entries.length) {
        const chunk = this.entries.slice(0, CHUNK);
        writer.write(chunk);
        this.entries = this.entries.slice(chunk.length);
        this.stored += chunk.length;
      }
      this.writeTrouble = null;
      return true;
    } catch (error) {
      this.writeTrouble = this.failed(error);
      if (error instanceof RunTaken) this.leave();
      if (this.entries.length > (options.largest ?? 200_000)) this.spool();
      return false;
    }
  }

  /** Returns the request of another process; undefined where that can't be read now. */
  request(): 'pause' | 'stop' | null | undefined {
    return this.attempt(
      (store) =>
        store.prepare('SELECT request FROM runs WHERE id = ?').pluck().get(this.options.runId) as
          'pause' | 'stop' | null | undefined,
    );
  }

  heartbeat(): void {
    if (!this.released && !this.taken) this.attempt((store) => this.beat(store));
  }

  /**
   * Writes all waiting entries so that they survive a power failure. A commit in WAL mode is otherwise synced at the
   * next checkpoint of the log only; a synced commit includes all before it.
   */
  flush(): boolean {
    if (!this.drain()) return false;
    const synced = this.attempt((store) => {
      store.pragma('synchronous = FULL');
      try {
        this.beat(store);
      } finally {
        store.pragma('synchronous = NORMAL');
      }
      return !this.taken;
    });
    return synced === true;
  }

  /** Closes the queue and leaves entries that can't be written now to the next process that opens the database. */
  close(): boolean {
    const written = this.drain();
    if (!written && this.entries.length) this.spool();
    this.opened?.store.close();
    this.opened = null;
    return written;
  }

  private beat(store: Store): void {
    const { owner = null, runId } = this.options;
    if (!beat(store, runId, owner) && owner) this.leave();
  }

  /** Drops the waiting entries, because another process has the run now. */
  private leave(): void {
    this.taken = true;
    this.entries = [];
  }

  private open(): { store: Store; writer: EntryWriter } {
    if (!this.opened) {
      const store = this.options.open();
      this.opened = { store, writer: new EntryWriter(store, this.options.runId, this.options.owner ?? null) };
    }
    return this.opened;
  }

  private attempt<T>(act: (store: Store) => T): T | undefined {
    try {
      const result = act(this.open().store);
      this.pollTrouble = null;
      return result;
    } catch (error) {
      this.pollTrouble = this.failed(error);
      return undefined;
    }
  }

  private failed(error: unknown): ErrorData {
    // An open connection still sees a damaged or removed file after a good one has replaced it.
    this.opened?.store.close();
    this.opened = null;
    return errorData(storeError(error, this.options.path));
  }

  private spool(): void {
    try {
      spoolEntries(this.options.spoolPath, this.entries);
      this.stored += this.entries.length;
      this.entries = [];
    } catch (error) {
      // The same disk is usually full for both: the entries stay in memory, and are tried again.
      this.writeTrouble = errorData(storeError(error, this.options.spoolPath));
    }
  }
}
