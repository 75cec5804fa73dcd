import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../shared/errors';
import { COUNTER, Ring, type RingShape } from './shared-state';
import type { WorkerPlan } from './worker-loop';

export interface LoaderProblem {
  path: string;
  reason: string;
}

/** A batch that doesn't come for so long means that the workers are gone. */
const LONGEST_WAIT_MS = 300_000;

/** The worker threads of one loader and the ring they fill. */
export class LoaderPool {
  readonly ring: Ring;
  private readonly workers: Worker[];
  private found: LoaderProblem[] = [];

  /** @param workerFile out/main/loader-worker.js */
  constructor(workerFile: string, count: number, shape: RingShape, plan: Omit<WorkerPlan, 'buffer' | 'shape'>) {
    this.ring = Ring.create(shape);
    this.workers = Array.from({ length: count }, () => {
      const worker = new Worker(workerFile, { workerData: { ...plan, buffer: this.ring.buffer, shape } satisfies WorkerPlan });
      worker.on('message', (problem: LoaderProblem) => this.found.push(problem));
      worker.on('error', (error) => this.ring.fail(error.message));
      worker.unref();
      return worker;
    });
  }

  /** Let the workers begin at the first position. */
  start(): void {
    const { counters, made } = this.ring;
    Atomics.store(counters, COUNTER.next, 0);
    Atomics.store(counters, COUNTER.released, 0);
    made.fill(0);
    Atomics.add(counters, COUNTER.generation, 1);
    Atomics.notify(counters, COUNTER.generation);
  }

  /** Blocks until the batch is whole; returns the milliseconds it took. @throws AppError if a worker failed */
  wait(batchNumber: number, batch: number): number {
    const { made, shape } = this.ring;
    const slot = batchNumber % shape.slots;
    const started = performance.now();
    for (let count = Atomics.load(made, slot); count < batch; count = Atomics.load(made, slot)) {
      this.refuseFailure(performance.now() - started > LONGEST_WAIT_MS ? 'no batch came for five minutes' : this.ring.failure());
      Atomics.wait(made, slot, count, 500);
    }
    return performance.now() - started;
  }

  release(batchNumber: number): void {
    const { counters, made, shape } = this.ring;
    Atomics.store(made, batchNumber % shape.slots, 0);
    Atomics.add(counters, COUNTER.released, 1);
    Atomics.notify(counters, COUNTER.released);
  }

  problems(): LoaderProblem[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  async close(): Promise<void> {
    const { counters } = this.ring;
    Atomics.store(counters, COUNTER.stop, 1);
    for (const index of Object.values(COUNTER)) Atomics.notify(counters, index);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private refuseFailure(why: string | null): void {
    if (why === null) return;
    throw new AppError({ code: 'io', what: 'The data loader failed.', why: `${why}.`, next: 'Check the dataset with `efficienttrain datasets show`, then resume the run.' });
  }
}
