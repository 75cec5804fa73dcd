import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { AppError } from '../../../../shared/errors';
import { nativeImages } from './native-images';
import { COUNTER, Ring, type RingShape } from './shared-state';
import type { SupervisorStart } from './supervisor';
import type { WorkerPlan } from './worker-loop';

export interface LoaderProblem {
  path: string;
  reason: string;
}

/** A batch that takes longer than this means that the workers have ended. */
const LONGEST_WAIT_MS = 300_000;

/**
 * A worker ends after its current image; one that doesn't in this time is ended by force, which libvips does not always
 * survive.
 */
const LONGEST_CLOSE_MS = 5_000;

/** Images don't come any more. The training so far is valid. */
export class LoaderFailure extends AppError {
  constructor(why: string) {
    super({
      code: 'io',
      what: 'The data loader failed.',
      why: `${why}.`,
      next: 'Check the dataset with `efficienttrain datasets show`, then resume the run.',
      action: { id: 'check_dataset' },
    });
  }
}

/** The worker threads of one loader and the ring they fill. */
export class LoaderPool {
  readonly ring: Ring;
  private readonly supervisor: Worker;
  private readonly ended: Promise<void>;
  private readonly ports: MessagePort[];

  /** @param workerFile out/main/loader-worker.js */
  constructor(
    workerFile: string,
    count: number,
    wanted: Omit<RingShape, 'bytesPastAlignment'>,
    plan: Omit<WorkerPlan, 'buffer' | 'shape'>,
  ) {
    // This thread holds it too, so that the last worker to end doesn't unload it.
    const native = nativeImages();
    this.ring = Ring.create(wanted, (values) => native?.binding.bytesPastAlignment?.(values) ?? 0);
    const { shape } = this.ring;
    const channels = Array.from({ length: count }, () => new MessageChannel());
    this.ports = channels.map(({ port1 }) => port1);
    const ports = channels.map(({ port2 }) => port2);
    const start: SupervisorStart = {
      role: 'supervisor',
      workerFile,
      plan: { ...plan, buffer: this.ring.buffer, shape },
      ports,
    };
    this.supervisor = new Worker(workerFile, { workerData: start, transferList: ports });
    this.supervisor.on('error', (error) => this.ring.fail(error.message));
    this.ended = new Promise((resolve) => this.supervisor.once('exit', () => resolve()));
    this.supervisor.unref();
  }

  /**
   * Lets the workers begin at the first position. Call it only while none is at work: before the first start, or after
   * `finish`.
   */
  start(): void {
    const { counters, made, decoded } = this.ring;
    made.fill(0);
    decoded.fill(0);
    Atomics.store(counters, COUNTER.released, 0);
    // This comes last: from here on a worker that leaves the previous pass late may take a position of this one.
    this.ring.setPosition(0);
    Atomics.add(counters, COUNTER.generation, 1);
    Atomics.notify(counters, COUNTER.generation);
  }

  /** Ends a pass, complete or not, and blocks until no worker is at work on it. @param end a position past the end */
  finish(end: number): void {
    const { counters } = this.ring;
    this.ring.setPosition(end);
    // Workers that wait for a slot get one.
    Atomics.store(counters, COUNTER.released, end);
    Atomics.notify(counters, COUNTER.released);
    for (let busy = Atomics.load(counters, COUNTER.busy); busy > 0; busy = Atomics.load(counters, COUNTER.busy)) {
      this.refuseFailure(this.ring.failure());
      Atomics.wait(counters, COUNTER.busy, busy, 500);
    }
  }

  /** Blocks until the batch is complete; returns the milliseconds it took. @throws LoaderFailure if a worker failed */
  wait(batchNumber: number, batch: number): number {
    const { made, shape } = this.ring;
    const slot = batchNumber % shape.slots;
    const started = performance.now();
    for (let count = Atomics.load(made, slot); count < batch; count = Atomics.load(made, slot)) {
      this.refuseFailure(
        performance.now() - started > LONGEST_WAIT_MS ? 'no batch came for five minutes' : this.ring.failure(),
      );
      Atomics.wait(made, slot, count, 500);
    }
    return performance.now() - started;
  }

  release(batchNumber: number): void {
    const { counters, made, decoded, shape } = this.ring;
    Atomics.store(decoded, batchNumber % shape.slots, 0);
    Atomics.store(made, batchNumber % shape.slots, 0);
    Atomics.add(counters, COUNTER.released, 1);
    Atomics.notify(counters, COUNTER.released);
  }

  /**
   * Returns what workers have reported since the last call. It is complete for the batches that `wait` has returned,
   * though no event was handled since.
   */
  problems(): LoaderProblem[] {
    const found: LoaderProblem[] = [];
    for (const port of this.ports) {
      for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port))
        found.push(received.message as LoaderProblem);
    }
    return found;
  }

  /** Ends the workers; each first finishes its current image. */
  async close(): Promise<void> {
    const { counters } = this.ring;
    Atomics.store(counters, COUNTER.stop, 1);
    // The counters increase, so that a worker about to wait does not fall asleep.
    for (const counter of [COUNTER.generation, COUNTER.released]) {
      Atomics.add(counters, counter, 1);
      Atomics.notify(counters, counter);
    }
    this.supervisor.ref();
    const late = setTimeout(() => void this.supervisor.terminate(), LONGEST_CLOSE_MS);
    await this.ended;
    clearTimeout(late);
    for (const port of this.ports) port.close();
  }

  private refuseFailure(why: string | null): void {
    if (why !== null) throw new LoaderFailure(why);
  }
}
