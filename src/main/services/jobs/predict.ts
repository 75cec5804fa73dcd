/** Predicts the top five classes of images that were dropped on a run. */
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { AppError } from '../../../shared/errors';
import { decodeImage, UnusableImage } from '../../engine/data/decode/decode';
import type { Rgb } from '../../engine/data/image/rgb';
import { databasePath } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { newestCheckpoint } from '../../store/checkpoints';
import { openStore } from '../../store/open';
import { findRun } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { predictImage } from '../inference/inference';
import { refuseClassless } from '../inference/refuse-classless';
import { rgbPicture } from '../pictures/pictures';
import { openRun, type FoundRun } from '../inference/run-inference';
import type { Inference } from '../../engine/inference/network';

type Args = z.output<typeof JOB_KINDS.predict.args>;
type OpenRun = FoundRun & { inference: Inference };
type Prediction = JobResult<'predict'>['predictions'][number];

/** Longest side in px of the pictures sent back. */
const SHOWN = 256;

/** The last run stays open: this process stays warm, and people drop one image after the other. */
let kept: { key: string; opened: OpenRun } | null = null;

async function opened({ run, checkpoint, weights }: Args, home: string): Promise<OpenRun> {
  const store = openStore(databasePath(home));
  try {
    const newest = newestCheckpoint(store, run);
    const key = JSON.stringify([home, run, newest, checkpoint, weights]);
    if (kept?.key === key) return kept.opened;
    kept?.opened.inference.executor.dispose();
    kept = null;
    const found = findRun(store, run);
    refuseClassless(found);
    refuseUnlabelled(findDataset(store, found.config.dataset), true, 'predict');
    kept = { key, opened: await openRun({ home, store, run, batch: 1 }, { checkpoint, weights }) };
    return kept.opened;
  } finally {
    store.close();
  }
}

async function predictOne({ found, preprocessing, inference }: OpenRun, name: string, image: Rgb): Promise<Prediction> {
  const picture = await rgbPicture(image, SHOWN);
  const { classes } = found.dataset;
  try {
    return {
      path: name,
      top5: predictImage(inference, image, { preprocessing, classes, name }),
      problem: null,
      picture,
    };
  } catch (error) {
    if (error instanceof AppError) return { path: name, top5: [], problem: error.message, picture };
    throw error;
  }
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
        typeof image === 'string'
          ? { path: name, top5: [], problem: image, picture: null }
          : await predictOne(run, name, image),
      );
    }
    return { predictions };
  },
};
