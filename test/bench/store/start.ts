/**
 * Starts training on a dataset, up to the first batch: `main([HOME, WORKER_FILE])` prints seconds of the parts, seconds
 * of processor time in all, and the process's peak as JSON.
 */
import { databasePath } from '../../../src/main/base/home';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import { verifyDataset } from '../../../src/main/services/datasets/dataset-files';
import { loadSampleTable } from '../../../src/main/services/datasets/datasets';
import { findDataset } from '../../../src/main/store/datasets';
import { openStore } from '../../../src/main/store/open';
import { AUGMENT } from '../../data/loader/plans';
import { peakBytes } from '../support/peak';

const [SIZE, BATCH, STEPS] = [64, 32, 4];

export async function main([home = '', workerFile = '']: string[]): Promise<void> {
  const begun = performance.now();
  const store = openStore(databasePath(home));
  const dataset = findDataset(store, 'record');
  await verifyDataset(store, dataset);
  const verified = performance.now();
  const samples = loadSampleTable(store, dataset, 'train');
  loadSampleTable(store, dataset, 'val');
  const read = performance.now();
  const stages = [
    { firstStep: 0, steps: STEPS, batch: BATCH, replayTimes: 1, bandwidth: SIZE, magnitude: 0, magnitudeEnd: 0 },
  ];
  const plan = {
    samples,
    seed: 0,
    size: SIZE,
    stages,
    augment: AUGMENT,
    workers: 2,
    prefetchBytes: 2 ** 26,
    replayImages: 0,
  };
  const loader = createTrainLoader(workerFile, plan, 0);
  loader.release(loader.next());
  const first = performance.now();
  await loader.close();
  store.close();
  const seconds = [verified - begun, read - verified, first - read].map((ms) => ms / 1000);
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: peakBytes() }));
}
