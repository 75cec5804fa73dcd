/** Measures a split again, with the prediction of each image. */
import { relative } from 'node:path';
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { pathOf } from '../../engine/data/loader/read-image';
import { topProbabilities } from '../../engine/tasks/accuracy';
import type { SampleTable } from '../../engine/types';
import { findDataset } from '../../store/datasets';
import { findRun } from '../../store/runs';
import type { JobCall, JobImplementation } from '../core/job-protocol';
import { verifyDataset } from '../datasets/dataset-files';
import { loadSampleTable } from '../datasets/datasets';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { evaluateSplit, type OpenEvaluation } from '../inference/evaluation';
import { refuseClassless } from '../inference/refuse-classless';
import { openRunEvaluation, type FoundRun } from '../inference/run-inference';
import { withHome } from '../runs/runs';

type Args = z.output<typeof JOB_KINDS.evaluate.args>;
type Result = JobResult<'evaluate'>;

async function measure(
  { found }: FoundRun,
  opened: OpenEvaluation,
  samples: SampleTable,
  call: JobCall,
): Promise<Result> {
  const classes = found.model.options.num_classes;
  const images: Result['images'] = [];
  const { figures, count } = await evaluateSplit(opened, {
    ...{ samples, workers: found.config.data.workers, signal: call.signal },
    onBatch: ({ batch: { labels }, first, outputs }) => {
      const logits = outputs['logits'] as Float32Array;
      labels.forEach((label, row) => {
        if (label < 0) return;
        const [top] = topProbabilities(logits.subarray(row * classes, (row + 1) * classes), 1);
        const path = relative(samples.root, pathOf(samples, first + row));
        if (top) images.push([path, label, top.label, top.probability]);
      });
      call.progress('evaluating', Math.min(first + labels.length, samples.count), samples.count);
    },
  });
  const { top1, top5 = null, loss } = figures;
  return { top1: top1 ?? NaN, top5, loss: Number.isFinite(loss) ? (loss as number) : null, count, images };
}

export const job: JobImplementation<Args, Result> = {
  run: ({ run, split, checkpoint, weights }, call) =>
    withHome(call.home, async (store) => {
      call.progress('opening', 0, 0);
      const asked = findRun(store, run);
      refuseClassless(asked);
      const dataset = findDataset(store, asked.config.dataset);
      refuseUnlabelled(dataset, true, 'evaluate');
      await verifyDataset(store, dataset);
      const { opened, ...found } = await openRunEvaluation(
        { home: call.home, store, run, batch: null },
        { checkpoint, weights },
      );
      try {
        return await measure(found, opened, loadSampleTable(store, found.found.dataset, split), call);
      } finally {
        opened.executor.dispose();
      }
    }),
};
