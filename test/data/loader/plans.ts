/** Loader plans for the bundled sample's photographs, and the values of a loader that tests compare. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../../../src/main/base/entry';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import type { AugmentOptions, LoaderPlan, LoaderStage, SampleTable } from '../../../src/main/engine/types';

export const SIGNS = 'resources/sample/sign-digits/train';
export const workerFile = entryPath('loader-worker');

export const AUGMENT: AugmentOptions = {
  scale: [0.08, 1],
  ratio: [3 / 4, 4 / 3],
  hflip: 0.5,
  interpolation: 'bicubic',
  color_jitter: 0.4,
  auto_augment: 'randaug',
  randaug: { num_ops: 2, mstd: 0.5, increasing: true },
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  reprob: 0.25,
  remode: 'pixel',
  mixup: 0.8,
  cutmix: 1,
  mixup_prob: 1,
  mixup_switch_prob: 0.5,
};

/**
 * Three stages with different batches, over more than one epoch of 23 samples. A border and the end of an epoch are
 * inside a batch.
 */
export const STAGES: readonly LoaderStage[] = [
  { firstStep: 0, steps: 3, batch: 6, replayTimes: 1, bandwidth: 16, magnitude: 0, magnitudeEnd: 2 },
  { firstStep: 3, steps: 2, batch: 11, replayTimes: 1, bandwidth: 24, magnitude: 4, magnitudeEnd: 6 },
  { firstStep: 5, steps: 4, batch: 5, replayTimes: 1, bandwidth: 32, magnitude: 8, magnitudeEnd: 9 },
];
export const STEPS = 9;

export const planOf = (samples: SampleTable, changes: Partial<LoaderPlan> = {}): LoaderPlan => ({
  samples,
  seed: 7,
  size: 32,
  stages: STAGES,
  augment: AUGMENT,
  workers: 2,
  prefetchBytes: 1 << 20,
  replayImages: 0,
  ...changes,
});

export interface Seen {
  step: number;
  hash: string;
  labels: number[];
  erase: number[];
  /** Number of images that were decoded for this batch. */
  decoded: number;
}

/** Returns the contents of `steps` batches from `startStep` on. */
export async function read(
  plan: LoaderPlan,
  startStep = 0,
  steps = STEPS - startStep,
): Promise<{ seen: Seen[]; problems: { path: string; reason: string }[] }> {
  const loader = createTrainLoader(workerFile, plan, startStep);
  try {
    const seen = Array.from({ length: steps }, (): Seen => {
      const batch = loader.next();
      const hash = createHash('sha256').update(batch.images).digest('hex');
      loader.release(batch);
      return { step: batch.step, hash, labels: [...batch.labels], erase: [...batch.erase], decoded: batch.decoded };
    });
    return { seen, problems: loader.problems() };
  } finally {
    await loader.close();
  }
}

/** Writes a worker entry with a real supervisor whose workers run `deed` instead of their work. */
export function dyingWorker(folder: string, deed: string): string {
  const file = join(folder, 'dying.mjs');
  writeFileSync(
    file,
    `import { workerData } from 'node:worker_threads';\nif (workerData.role === 'supervisor') await import(${JSON.stringify(workerFile)}); else { ${deed} }\n`,
  );
  return file;
}
