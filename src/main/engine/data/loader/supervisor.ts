/**
 * Starts a loader's workers and watches them from a thread whose event loop is free: the training thread blocks in Atomics.wait, so it would
 * never hear that a worker has ended.
 */
import { Worker } from 'node:worker_threads';
import { COUNTER, Ring } from './shared-state';
import type { ReportProblem, WorkerPlan } from './worker-loop';

export interface SupervisorPlan {
  role: 'supervisor';
  /** The built entry, for the workers as for the supervisor. */
  workerFile: string;
  workers: number;
  plan: WorkerPlan;
}

/** Returns at once; the thread lives on until its workers have ended. */
export function supervise({ workerFile, workers, plan }: SupervisorPlan, report: ReportProblem): void {
  const ring = new Ring(plan.buffer, plan.shape);
  const running = (): boolean => Atomics.load(ring.counters, COUNTER.stop) === 0 && ring.failure() === null;
  for (let index = 0; index < workers; index++) {
    const worker = new Worker(workerFile, { workerData: { role: 'worker', plan } });
    worker.on('message', report);
    worker.on('error', (error) => ring.fail(error.message));
    worker.on('exit', (code) => running() && ring.fail(`a loader worker ended by itself with exit code ${code}`));
  }
}
