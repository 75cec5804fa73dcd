/**
 * Starts threads that run each of their ops at the same moment: `many-threads.mjs ADDON THREADS OPS`. It prints how
 * many have run.
 */
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** Number of new attribute names for each op. */
const NAMES = 20;

const addonOf = (path) => createRequire(import.meta.url)(path);

if (isMainThread) {
  const [addon, threads, ops] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  addonOf(addon);
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from(
    { length: threads },
    (_, thread) => new Worker(new URL(import.meta.url), { workerData: { addon, thread, threads, ops, ready } }),
  );
  const run = await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  console.log(run.reduce((sum, count) => sum + count, 0));
} else {
  const { addon, thread, threads, ops, ready } = workerData;
  const binding = addonOf(addon);
  const id = binding.createTensor([1], binding.TF_FLOAT, new Float32Array(1));
  for (let op = 0; op < ops; op++) {
    // No thread has used these names yet, so the addon has to remember them.
    const attributes = Array.from({ length: NAMES }, (_, at) => ({
      ...{
        name: `${String(NAMES * op + at).padStart(9, '0')}_of_thread_${thread}`,
        type: binding.TF_ATTR_BOOL,
        value: true,
      },
    }));
    Atomics.add(ready, 0, 1);
    while (Atomics.load(ready, 0) < threads * (op + 1));
    const [result] = binding.executeOp('Identity', attributes, [id], 1);
    binding.deleteTensor(result.id);
  }
  parentPort.postMessage(ops);
}
