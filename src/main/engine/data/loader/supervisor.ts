/**
 * Starts a loader's workers and watches them from a thread whose event loop is free. The training thread blocks in
 * Atomics.wait, so it would never notice that a worker has ended.
 */
import { Worker, type MessagePort } from 'node:worker_threads';
import { COUNTER, Ring } from './shared-state';
import type { WorkerPlan } from './worker-loop';

export interface SupervisorStart {
  role: 'supervisor';
  /** The built entry of the workers and of the supervisor. */
  workerFile: string;
  plan: WorkerPlan;
  /** One port for each worker, on which it reports unreadable files. */
  ports: MessagePort[];
}

export interface WorkerStart {
  role: 'worker';
  plan: WorkerPlan;
  problems: MessagePort;
}

/** Returns at once; the thread lives on until its workers have ended. */
export function supervise({ workerFile, plan, ports }: SupervisorStart): void {
  const ring = new Ring(plan.buffer, plan.shape);
  const running = (): boolean => Atomics.load(ring.counters, COUNTER.stop) === 0 && ring.failure() === null;
  for (const problems of ports) {
    const worker = new Worker(workerFile, {
      workerData: { role: 'worker', plan, problems } satisfies WorkerStart,
      transferList: [problems],
    });
    worker.on('error', (error) => ring.fail(error.message));
    worker.on('exit', (code) => running() && ring.fail(`a loader worker ended unexpectedly with exit code ${code}`));
  }
}
