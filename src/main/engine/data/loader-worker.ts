/** Entry of a loader's threads: its supervisor, and the workers that make its images. */
import { workerData } from 'node:worker_threads';
import { supervise, type SupervisorStart, type WorkerStart } from './loader/supervisor';
import { runWorker } from './loader/worker-loop';

const start = workerData as SupervisorStart | WorkerStart;

if (start.role === 'supervisor') supervise(start);
else await runWorker(start.plan, (problem) => start.problems.postMessage(problem));
