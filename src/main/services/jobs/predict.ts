/** Top five classes of images that were dropped on a run. */
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { evaluationView } from '../../engine/data/augment/evaluation';
import { decodeImage, UnusableImage } from '../../engine/data/decode/decode';
import type { Rgb } from '../../engine/data/image/rgb';
import { evalSignature } from '../../engine/tasks/classify';
import { topProbabilities } from '../../engine/train/accuracy';
import { databasePath } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import { findRun } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { notFinite } from '../inference/inference';
import { rgbPicture } from '../pictures/pictures';
import { openRun, type OpenRun } from '../inference/run-inference';

type Args = z.output<typeof JOB_KINDS.predict.args>;
type Prediction = JobResult<'predict'>['predictions'][number];

/** Longest side of the pictures that go back. */
const SHOWN = 256;

/** The last one stays open: this process is warm, and people drop one image after the other. */
let kept: { key: string; opened: OpenRun } | null = null;

async function opened({ run, checkpoint, weights }: Args, home: string): Promise<OpenRun> {
  const store = openStore(databasePath(home));
  try {
    const newest = store.prepare('SELECT max(step) FROM checkpoints WHERE run_id = ?').pluck().get(run) as number | null;
    const key = JSON.stringify([home, run, newest, checkpoint, weights]);
    if (kept?.key === key) return kept.opened;
    kept?.opened.executor.dispose();
    kept = null;
    refuseUnlabelled(findDataset(store, findRun(store, run).config.dataset), true, 'predict');
    kept = { key, opened: await openRun({ home, store, run, batch: 1 }, { checkpoint, weights }) };
    return kept.opened;
  } finally {
    store.close();
  }
}

async function predictOne({ found, options, executor }: OpenRun, name: string, image: Rgb): Promise<Prediction> {
  const { size, crop_pct, interpolation } = options.preprocessing;
  const view = evaluationView(image, size, crop_pct, interpolation);
  const { logits } = executor.run(evalSignature(size, 1, 'raw'), { images: view.data, labels: Int32Array.of(0) });
  const top5 = topProbabilities(logits as Float32Array, 5).map(({ label, probability }) => ({
    class: found.dataset.classes[label] ?? String(label),
    probability,
  }));
  const problem = top5.length ? null : notFinite(name).message;
  return { path: name, top5, problem, picture: await rgbPicture(image, SHOWN) };
}

export const job: JobImplementation<Args, JobResult<'predict'>> = {
  run: async (args, { home, signal, progress }) => {
    const run = await opened(args, home);
    const predictions: Prediction[] = [];
    for (const [index, { name, base64 }] of args.images.entries()) {
      signal.throwIfAborted();
      progress('predicting', index, args.images.length);
      const image = await decodeImage(Buffer.from(base64, 'base64')).catch((error: unknown) => {
        if (error instanceof UnusableImage) return error.message;
        throw error;
      });
      predictions.push(
        typeof image === 'string' ? { path: name, top5: [], problem: image, picture: null } : await predictOne(run, name, image),
      );
    }
    return { predictions };
  },
};
