/** A split measured again, with what each image was taken for. */
import { relative } from 'node:path';
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { pathOf } from '../../engine/data/loader/read-image';
import { topProbabilities } from '../../engine/train/accuracy';
import type { SampleTable } from '../../engine/types';
import { findDataset } from '../../store/datasets';
import { findRun } from '../../store/runs';
import type { JobCall, JobImplementation } from '../core/job-protocol';
import { verifyDataset } from '../datasets/dataset-files';
import { loadSampleTable } from '../datasets/datasets';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { evaluateSplit } from '../inference/inference';
import { openRun, type OpenRun } from '../inference/run-inference';
import { withHome } from '../runs/runs';

type Args = z.output<typeof JOB_KINDS.evaluate.args>;
type Result = JobResult<'evaluate'>;

async function measure({ found, options, executor }: OpenRun, samples: SampleTable, call: JobCall): Promise<Result> {
  const classes = found.dataset.classes.length;
  const images: Result['images'] = [];
  let done = 0;
  const { top1, top5, loss, count } = await evaluateSplit(executor, options, {
    ...{ samples, classes, workers: found.config.data.workers, signal: call.signal },
    onBatch: ({ labels, logits }) => {
      labels.forEach((label, row) => {
        if (label < 0) return;
        const [top] = topProbabilities(logits.subarray(row * classes, (row + 1) * classes), 1);
        const path = relative(samples.root, pathOf(samples, done + row));
        if (top) images.push([path, label, top.label, top.probability]);
      });
      done = Math.min(done + options.batch, samples.count);
      call.progress('evaluating', done, samples.count);
    },
  });
  return { top1, top5, loss: Number.isFinite(loss) ? loss : null, count, images };
}

export const job: JobImplementation<Args, Result> = {
  run: ({ run, split, checkpoint, weights }, call) =>
    withHome(call.home, async (store) => {
      call.progress('opening', 0, 0);
      const dataset = findDataset(store, findRun(store, run).config.dataset);
      refuseUnlabelled(dataset, true, 'evaluate');
      await verifyDataset(store, dataset);
      const opened = await openRun({ home: call.home, store, run, batch: null }, { checkpoint, weights });
      try {
        return await measure(opened, loadSampleTable(store, opened.found.dataset, split), call);
      } finally {
        opened.executor.dispose();
      }
    }),
};
