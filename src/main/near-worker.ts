/**
 * A thread of a scan that searches a part of the pictures for candidates of near-duplicates
 * (engine/data/scan/near-threads.ts).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { candidatesOf } from './engine/data/scan/near-candidates';
import type { NearChunk, NearTask } from './engine/data/scan/near-threads';

/** Number of candidates that are sent at once. */
const CHUNK = 16_384;
/** Rows after which candidates are sent even if they are few, so that progress shows and a cancel is noticed. */
const TELL_ROWS = 4096;

const { index, from, to, credit } = workerData as NearTask;
const chunk = new Int32Array(3 * CHUNK);
let length = 0;

function send(message: NearChunk): void {
  for (let left = Atomics.load(credit, 0); left <= 0; left = Atomics.load(credit, 0)) Atomics.wait(credit, 0, left);
  Atomics.sub(credit, 0, 1);
  parentPort?.postMessage(message);
}

function flush(): void {
  send(chunk.slice(0, length));
  length = 0;
}

for (let row = from; row < to; row++) {
  candidatesOf(index, row, (one, other, hash) => {
    if (length === chunk.length) flush();
    chunk[length++] = one;
    chunk[length++] = other;
    chunk[length++] = hash;
  });
  if ((row - from) % TELL_ROWS === TELL_ROWS - 1) flush();
}
if (length) flush();
send(null);
