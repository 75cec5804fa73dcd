/** Threads of a loader: its supervisor, and the workers that make its images. */
import { parentPort, workerData } from 'node:worker_threads';
import { supervise, type SupervisorPlan } from './loader/supervisor';
import { runWorker, type WorkerPlan } from './loader/worker-loop';

const start = workerData as SupervisorPlan | { role: 'worker'; plan: WorkerPlan };
const report = (problem: { path: string; reason: string }): void => parentPort?.postMessage(problem);

if (start.role === 'supervisor') supervise(start, report);
else await runWorker(start.plan, report);
