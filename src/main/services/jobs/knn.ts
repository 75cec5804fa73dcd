/**
 * Measures by k-NN, without a classifier, how well the features of a run's weights separate the classes of a dataset.
 */
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { checkedFeature } from '../../engine/inference/features';
import { NEIGHBOURS } from '../../engine/inference/knn';
import { findTask } from '../../engine/tasks';
import { findDataset } from '../../store/datasets';
import { findRun } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { verifyDataset } from '../datasets/dataset-files';
import { loadSampleTable } from '../datasets/datasets';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { borrowDeviceToRead } from '../gpu/take-device';
import { loadRunWeights } from '../inference/checkpoints';
import { measureKnn } from '../inference/knn';
import { preprocessingOf } from '../inference/run-inference';
import { withHome } from '../runs/runs';

type Args = z.output<typeof JOB_KINDS.knn.args>;

export const job: JobImplementation<Args, JobResult<'knn'>> = {
  run: ({ run: reference, dataset: asked, checkpoint, weights }, { home, signal, progress }) =>
    withHome(home, async (store) => {
      progress('opening', 0, 0);
      const dataset = findDataset(store, asked);
      refuseUnlabelled(dataset, true, 'evaluate');
      await verifyDataset(store, dataset);
      const { config, model, values } = await loadRunWeights(home, store, findRun(store, reference), {
        checkpoint,
        weights,
      });
      await borrowDeviceToRead(store, config.engine.device);
      const subject = {
        ...{ home, task: findTask(config.task), config, model, values, preprocessing: preprocessingOf(config) },
        ...{ batch: config.eval.batch, threads: config.engine.intra_op_threads },
      };
      const feature = checkedFeature(model, null);
      const [bank, queries] = [loadSampleTable(store, dataset, 'train'), loadSampleTable(store, dataset, 'val')];
      const found = await measureKnn(subject, {
        ...{
          feature,
          k: NEIGHBOURS,
          classes: dataset.classes.length,
          queries,
          bank,
          workers: config.data.workers,
          signal,
        },
        onProgress: (done, total) => progress('features', done, total),
      });
      return { top1: found.top1, k: NEIGHBOURS, feature, train: found.bank, val: found.queries };
    }),
};
