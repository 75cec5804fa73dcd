/** Thread that makes a loader's images. */
import { parentPort, workerData } from 'node:worker_threads';
import { runWorker, type WorkerPlan } from './loader/worker-loop';

await runWorker(workerData as WorkerPlan, (problem) => parentPort?.postMessage(problem));
