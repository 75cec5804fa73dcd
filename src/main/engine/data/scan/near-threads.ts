/**
 * Threads that search for candidates among pictures, each in a part of the rows. Their findings come in the order of
 * the rows.
 */
import { Worker } from 'node:worker_threads';
import { entryPath } from '../../../base/entry';
import { rowsOf, type Consider, type NearIndex } from './near-candidates';

/**
 * Number of chunks that a thread may be ahead of the consumer. Where thousands of pictures are alike, candidates would
 * fill the memory.
 */
const AHEAD = 16;

export interface NearTask {
  index: NearIndex;
  /** Rows of this thread: the first, and the one after the last. */
  from: number;
  to: number;
  /** [1]: number of chunks that it may still send. */
  credit: Int32Array;
}

/** [candidates, 3]: row, other row, hash; null marks the end. */
export type NearChunk = Int32Array | null;

class Searcher {
  private readonly chunks: NearChunk[] = [];
  private readonly credit = new Int32Array(new SharedArrayBuffer(4)).fill(AHEAD);
  private readonly worker: Worker;
  private error: unknown = null;
  private wake: () => void = () => undefined;

  constructor(index: NearIndex, from: number, to: number) {
    const task: NearTask = { index, from, to, credit: this.credit };
    this.worker = new Worker(entryPath('near-worker'), { workerData: task });
    this.worker.on('message', (chunk: NearChunk) => {
      this.chunks.push(chunk);
      this.wake();
    });
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', (code) =>
      this.fail(new Error(`a thread that compares pictures ended with exit code ${code}`)),
    );
  }

  private fail(error: unknown): void {
    this.error ??= error;
    this.wake();
  }

  /** @returns the next chunk in order @throws the error that ended the thread */
  async next(): Promise<NearChunk> {
    while (!this.chunks.length) {
      if (this.error) throw this.error;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    Atomics.add(this.credit, 0, 1);
    Atomics.notify(this.credit, 0);
    return this.chunks.shift() ?? null;
  }

  end(): Promise<unknown> {
    return this.worker.terminate();
  }
}

/** Calls `consider` for every candidate, in the order in which one thread would find them. */
export async function candidatesApart(
  index: NearIndex,
  threads: number,
  consider: Consider,
  pause: (done: number, total: number) => Promise<void> | void,
): Promise<void> {
  const rows = rowsOf(index);
  const first = (part: number): number => Math.floor((rows * part) / threads);
  const searchers = Array.from({ length: threads }, (_, part) => new Searcher(index, first(part), first(part + 1)));
  try {
    for (const searcher of searchers) {
      for (let chunk = await searcher.next(); chunk; chunk = await searcher.next()) {
        await pause(chunk[0] ?? 0, rows);
        for (let at = 0; at < chunk.length; at += 3)
          consider(chunk[at] as number, chunk[at + 1] as number, chunk[at + 2] as number);
      }
    }
  } finally {
    await Promise.all(searchers.map((searcher) => searcher.end()));
  }
}
