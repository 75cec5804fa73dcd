/** Thread that writes one run's entries, so that the training thread never waits for a disk; it also hears requests and shows a heartbeat. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { EntryWriter, type Entry } from './entries';
import { openStore, type Store } from './open';
import { REQUESTS, SLOT, type WriterData, type WriterMessage } from './recorder';
import { storeError } from './store-error';
import { errorData } from '../../shared/errors';

const { path, runId, shared, spoolPath } = workerData as WriterData;
const flags = new Int32Array(shared);
const POLL_MS = 200;
/** Entries kept in memory while the database can't be written; beyond that they go to the spool file. */
const LARGEST_QUEUE = 200_000;

let store: Store | undefined;
let writer: EntryWriter | undefined;
const queue: Entry[] = [];

function open(): { store: Store; writer: EntryWriter } {
  store ??= openStore(path);
  writer ??= new EntryWriter(store, runId);
  return { store, writer };
}

function spool(): void {
  mkdirSync(dirname(spoolPath), { recursive: true });
  appendFileSync(spoolPath, queue.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { flush: true });
  queue.length = 0;
}

function drain(): void {
  if (!queue.length) return;
  try {
    const opened = open();
    const batch = queue.slice();
    opened.store.transaction(() => batch.forEach((entry) => opened.writer.apply(entry))).immediate();
    queue.splice(0, batch.length);
    Atomics.store(flags, SLOT.failing, 0);
  } catch (error) {
    // Tried again at the next poll; training goes on meanwhile, and says so once.
    writer = undefined;
    if (Atomics.exchange(flags, SLOT.failing, 1) === 0) parentPort?.postMessage({ failing: errorData(storeError(error, path)) });
    if (queue.length > LARGEST_QUEUE) spool();
  }
}

function poll(): void {
  drain();
  try {
    const row = open().store.prepare('UPDATE runs SET heartbeat_ms = ? WHERE id = ? RETURNING request').get(Date.now(), runId) as { request: 'pause' | 'stop' | null } | undefined;
    if (row?.request) Atomics.store(flags, SLOT.request, REQUESTS.indexOf(row.request));
  } catch {
    // A busy or full database: drain() reports it where there is something to write, and the next poll asks again.
    store?.close();
    store = undefined;
    writer = undefined;
  }
}

const timer = setInterval(poll, POLL_MS);

parentPort?.on('message', (message: WriterMessage) => {
  queue.push(...message.entries);
  if (queue.length >= 1000 || message.flush !== undefined) drain();
  if (message.flush !== undefined) parentPort?.postMessage({ flushed: message.flush, left: queue.length });
  if (message.close) {
    clearInterval(timer);
    if (queue.length) spool();
    store?.close();
    parentPort?.postMessage({ closed: true });
    parentPort?.close();
  }
});
