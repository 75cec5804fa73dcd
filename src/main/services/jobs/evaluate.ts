/** A split measured again, with what each image was taken for. */
import { relative } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { AppError } from '../../../shared/errors';
import { createEvalLoader, type EvalLoader } from '../../engine/data/loader/eval-loader';
import { pathOf } from '../../engine/data/loader/read-image';
import { evalSignature } from '../../engine/tasks/classify';
import { AccuracyMeter, topProbabilities } from '../../engine/train/accuracy';
import type { SampleTable } from '../../engine/types';
import { entryPath } from '../../entry';
import type { JobCall, JobImplementation } from '../core/job-protocol';
import { loadSampleTable } from '../datasets';
import { openRun, type OpenRun } from '../run-inference';
import { withHome } from '../runs';

type Args = z.output<typeof JOB_KINDS.evaluate.args>;
type Result = JobResult<'evaluate'>;

function loaderOf({ found, options }: OpenRun, samples: SampleTable): EvalLoader {
  const { size, crop_pct: cropPct, interpolation } = options.preprocessing;
  return createEvalLoader(entryPath('loader-worker'), {
    ...{ samples, size, cropPct, interpolation, batch: options.batch },
    ...{ workers: found.config.data.workers, keepBytes: 0 },
  });
}

/** Lets messages through between batches: cancelling comes by one, and so does progress. */
async function measure(run: OpenRun, samples: SampleTable, { signal, progress }: JobCall): Promise<Result> {
  const { found, options, executor } = run;
  const classes = found.dataset.classes.length;
  const { size } = options.preprocessing;
  const meter = new AccuracyMeter(classes);
  const images: Result['images'] = [];
  const loader = loaderOf(run, samples);
  let done = 0;
  try {
    for (const batch of loader.batches()) {
      const out = executor.run(evalSignature(size, options.batch, 'raw'), { ...batch });
      const logits = out['logits'] as Float32Array;
      meter.add(logits, out['losses'] as Float32Array, batch.labels);
      batch.labels.forEach((label, row) => {
        if (label < 0) return;
        const [top] = topProbabilities(logits.subarray(row * classes, (row + 1) * classes), 1);
        const path = relative(samples.root, pathOf(samples, done + row));
        if (top) images.push([path, label, top.label, top.probability]);
      });
      done = Math.min(done + options.batch, samples.count);
      progress('evaluating', done, samples.count);
      await tick();
      signal.throwIfAborted();
    }
  } finally {
    await loader.close();
  }
  const { top1, top5, loss, count } = meter.result();
  if (count) return { top1, top5, loss, count, images };
  throw new AppError({
    code: 'bad_dataset',
    what: 'None of the images could be read.',
    why: loader.problems()[0]?.reason ?? 'The split is empty.',
    next: 'Look at the dataset.',
  });
}

export const job: JobImplementation<Args, Result> = {
  run: ({ run, split, checkpoint, weights }, call) =>
    withHome(call.home, async (store) => {
      call.progress('opening', 0, 0);
      const opened = await openRun({ home: call.home, store, run, batch: null }, { checkpoint, weights });
      try {
        return await measure(opened, loadSampleTable(store, opened.found.dataset, split), call);
      } finally {
        opened.executor.dispose();
      }
    }),
};
