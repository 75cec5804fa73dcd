/** Evaluation and prediction with given weights, in this process. */
import { AppError } from '../../shared/errors';
import { applyEngineEnvironment } from '../engine/backend/environment';
import { openProgram } from '../engine/capture/open';
import { evaluationView } from '../engine/data/augment/evaluation';
import { createEvalLoader } from '../engine/data/loader/eval-loader';
import { classifyProgram, evalSignature, type ClassifyOptions } from '../engine/tasks/classify';
import { sgd } from '../engine/optim/sgd';
import { topProbabilities, type EvaluationResult } from '../engine/train/accuracy';
import { evaluate } from '../engine/train/evaluate';
import type { Executor, Model, SampleTable } from '../engine/types';
import { entryPath } from '../entry';
import { graphCacheFolder } from '../home';
import { Dump } from './dump';
import { readImageFile } from './read-image-file';

/** What evaluation needs to know of preprocessing. */
export interface Preprocessing {
  size: number;
  crop_pct: number;
  interpolation: 'bicubic' | 'bilinear';
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

export interface InferenceOptions {
  home: string;
  model: Model;
  values: Record<string, Float32Array>;
  preprocessing: Preprocessing;
  batch: number;
  threads: number | null;
}

/** The evaluation graph alone, with the weights in it. */
export function openInference({ home, model, values, preprocessing, batch, threads }: InferenceOptions): Executor {
  applyEngineEnvironment({ intraOpThreads: threads, interOpThreads: null });
  const { size, mean, std } = preprocessing;
  const options: ClassifyOptions = {
    ...{
      model,
      optimizer: sgd({ momentum: 0, nesterov: false, weight_decay: 0 }),
      clipGradNorm: null,
      ema: false,
      labelSmoothing: 0,
      lowFrequencyMode: 'crop',
      size,
      mean,
      std,
      remode: 'const',
    },
    ...{ train: [], evaluate: [{ size, batch, bandwidth: size }] },
  };
  const key = { inference: model.id, options: model.options, size, mean, std, batch };
  const { executor } = openProgram({ build: () => classifyProgram(options), key, cacheFolder: graphCacheFolder(home) });
  executor.write(values);
  return executor;
}

export interface SplitOptions {
  samples: SampleTable;
  classes: number;
  workers: number;
  /** Folder to leave inputs.npy, logits.npy, labels.npy and files.txt in. */
  dump?: string;
}

/** A split as the model sees it, measured. */
export async function evaluateSplit(
  executor: Executor,
  { model, preprocessing, batch }: InferenceOptions,
  { samples, classes, workers, dump }: SplitOptions,
): Promise<EvaluationResult> {
  const { size, crop_pct: cropPct, interpolation } = preprocessing;
  // Before there are workers: it may not be writable.
  const dumped = dump === undefined ? null : new Dump(dump, samples.count, size, model.options.num_classes, preprocessing);
  const loader = createEvalLoader(entryPath('loader-worker'), {
    samples,
    size,
    cropPct,
    interpolation,
    batch,
    workers,
    keepBytes: 0,
  });
  try {
    const result = evaluate({
      executor,
      loader,
      classes,
      bandwidth: size,
      batch,
      weights: 'raw',
      ...(dumped ? { onBatch: (made) => dumped.add(made) } : {}),
    });
    const [failed] = loader.problems();
    if (failed)
      throw new AppError({
        code: 'bad_dataset',
        what: `${failed.path} could not be read.`,
        why: failed.reason,
        next: 'Import the dataset again.',
      });
    dumped?.finish(samples);
    return result;
  } finally {
    await loader.close();
  }
}

export interface Prediction {
  path: string;
  top5: { class: string; probability: number }[];
}

/** The most probable classes of image files. The executor was opened with batch 1. @throws AppError bad_image */
export async function predictImages(
  executor: Executor,
  { preprocessing }: InferenceOptions,
  classes: readonly string[],
  paths: readonly string[],
): Promise<Prediction[]> {
  const { size, crop_pct, interpolation } = preprocessing;
  const predictions: Prediction[] = [];
  for (const path of paths) {
    const image = await readImageFile(path);
    const view = evaluationView(image, size, crop_pct, interpolation);
    const { logits } = executor.run(evalSignature(size, 1, 'raw'), { images: view.data, labels: Int32Array.of(0) });
    predictions.push({
      path,
      top5: topProbabilities(logits as Float32Array, 5).map(({ label, probability }) => ({
        class: classes[label] ?? String(label),
        probability,
      })),
    });
  }
  return predictions;
}
