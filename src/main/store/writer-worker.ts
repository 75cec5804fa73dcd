/**
 * Thread that writes one run's entries, so that the training thread never waits for a disk. It also reads requests and
 * records a heartbeat.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from './open';
import { REQUESTS, SLOT, type WriterAnswer, type WriterData, type WriterMessage } from './recorder';
import { WriterQueue } from './writer-queue';

const { path, runId, shared, spoolPath, owner } = workerData as WriterData;
const flags = new Int32Array(shared);
const POLL_MS = 200;
const HEARTBEAT_MS = 2000;
/** It is short, because no requests are read while a statement waits for another process. */
const BUSY_TIMEOUT_MS = 1000;

const queue = new WriterQueue({
  ...{ path, runId, spoolPath, open: () => openStore(path, { busyTimeoutMs: BUSY_TIMEOUT_MS }) },
  ...(owner ? { owner } : {}),
});
let beaten = 0;
let told = '';

const answer = (message: WriterAnswer): void => parentPort?.postMessage(message);

function report(): void {
  const state = { stored: queue.stored, trouble: queue.trouble };
  const text = JSON.stringify(state);
  if (text === told) return;
  told = text;
  answer(state);
}

function tellRequest(): void {
  const request = queue.taken ? 'taken' : queue.request();
  if (request !== undefined) Atomics.store(flags, SLOT.request, REQUESTS.indexOf(request));
}

function poll(): void {
  queue.drain();
  tellRequest();
  if (performance.now() - beaten > HEARTBEAT_MS) {
    beaten = performance.now();
    queue.heartbeat();
  }
  if (queue.taken) tellRequest();
  report();
}

const timer = setInterval(poll, POLL_MS);
poll();

parentPort?.on('message', ({ entries, flush, close }: WriterMessage) => {
  queue.push(entries);
  if (close) {
    clearInterval(timer);
    const written = queue.close();
    report();
    answer({ closed: written });
    parentPort?.close();
    return;
  }
  const written = flush !== undefined ? queue.flush() : queue.waiting >= 1000 && queue.drain();
  if (queue.taken) tellRequest();
  report();
  if (flush !== undefined) answer({ flushed: flush, written });
});
