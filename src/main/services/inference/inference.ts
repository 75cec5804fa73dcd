/** Evaluation and prediction with given weights, in this process. */
import { AppError } from '../../../shared/errors';
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { openProgram } from '../../engine/capture/open';
import { evaluationView } from '../../engine/data/augment/evaluation';
import { createEvalLoader } from '../../engine/data/loader/eval-loader';
import type { LoaderProblem } from '../../engine/data/loader/pool';
import { classifyProgram, evalSignature, type ClassifyOptions } from '../../engine/tasks/classify';
import { sgd } from '../../engine/optim/sgd';
import { topProbabilities, type EvaluationResult } from '../../engine/train/accuracy';
import { evaluate } from '../../engine/train/evaluate';
import type { Executor, Model, Program, SampleTable } from '../../engine/types';
import { entryPath } from '../../base/entry';
import { graphCacheFolder } from '../../base/home';
import { inferenceMemory } from '../preflight/memory-estimate';
import { Dump } from './dump';
import { sayingMemory } from './inference-memory';
import { readImageFile } from '../pictures/read-image-file';

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
  const ofBatches = (batches: readonly number[]): Program =>
    classifyProgram({ ...options, evaluate: batches.map((each) => ({ size, batch: each, bandwidth: size })) });
  const key = { inference: model.id, options: model.options, size, mean, std, batch };
  const { executor: bare } = openProgram({ build: () => classifyProgram(options), key, cacheFolder: graphCacheFolder(home) });
  const executor = sayingMemory(bare, { size, batch, estimate: () => inferenceMemory(ofBatches, size) });
  executor.write(values);
  return executor;
}

export interface SplitOptions {
  samples: SampleTable;
  classes: number;
  workers: number;
  signal: AbortSignal;
  /** Folder to leave inputs.npy, logits.npy, labels.npy and files.txt in. */
  dump?: string;
  /** Sees every batch. */
  onBatch?: (batch: { labels: Int32Array; logits: Float32Array }) => void;
}

/**
 * A split as the model sees it, measured. A figure that is asked for is one of all images of the record, or none: a run's own evaluations
 * go on without the files that can't be read, as training must, and say so.
 * @throws AppError bad_dataset where a file can't be read; what the signal was aborted with
 */
export async function evaluateSplit(
  executor: Executor,
  { model, preprocessing, batch }: InferenceOptions,
  { samples, classes, workers, signal, dump, onBatch }: SplitOptions,
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
    const made = await evaluate([{ bandwidth: size, weights: 'raw' }], {
      ...{ executor, loader, classes, batch, stop: () => signal.aborted },
      onBatch: (made) => {
        dumped?.add(made);
        onBatch?.(made);
      },
    });
    if (!made) throw signal.reason;
    const [result] = made;
    refuseUnread(loader.problems(), samples.count);
    dumped?.finish(samples);
    return result;
  } finally {
    await loader.close();
  }
}

/** Reasons that a refusal names. */
const MOST_NAMED = 3;

function refuseUnread(problems: readonly LoaderProblem[], images: number): void {
  if (!problems.length) return;
  const named = problems.slice(0, MOST_NAMED).map(({ path, reason }) => `${path}: ${reason}`);
  throw new AppError({
    code: 'bad_dataset',
    what: `${problems.length} of ${images} images could not be read, so the accuracy of the split can't be told.`,
    why: `${named.join('; ')}${problems.length > named.length ? '; ...' : ''}.`.replace(/\.\.$/, '.'),
    next: 'Put the files back or mend them and try again, or import the dataset again without them.',
  });
}

export interface Prediction {
  path: string;
  /** Empty where there is a problem. */
  top5: { class: string; probability: number }[];
  /** Why the file can't be used as an image. */
  problem: string | null;
}

/**
 * The most probable classes of image files. The executor was opened with batch 1.
 * @throws AppError bad_image where none of them can be used
 */
export async function predictImages(
  executor: Executor,
  { preprocessing }: InferenceOptions,
  classes: readonly string[],
  paths: readonly string[],
): Promise<Prediction[]> {
  const { size, crop_pct, interpolation } = preprocessing;
  const predictions: Prediction[] = [];
  const refused: AppError[] = [];
  for (const path of paths) {
    const image = await readImageFile(path).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      refused.push(error);
      return error;
    });
    if (image instanceof AppError) {
      predictions.push({ path, top5: [], problem: image.why });
      continue;
    }
    const view = evaluationView(image, size, crop_pct, interpolation);
    const { logits } = executor.run(evalSignature(size, 1, 'raw'), { images: view.data, labels: Int32Array.of(0) });
    const top5 = topProbabilities(logits as Float32Array, 5);
    if (!top5.length) throw notFinite(path);
    predictions.push({
      path,
      top5: top5.map(({ label, probability }) => ({ class: classes[label] ?? String(label), probability })),
      problem: null,
    });
  }
  if (refused[0] && refused.length === paths.length) throw refused[0];
  return predictions;
}

/** Of scores that say nothing no class is the most probable. */
export const notFinite = (path: string): AppError =>
  new AppError({
    code: 'non_finite',
    what: `The model has no answer for ${path}: its scores are not finite numbers.`,
    why: 'Its weights lead to values beyond what a 32-bit number holds.',
    next: 'Use another checkpoint (--checkpoint last or best) or other weights (--weights raw or ema).',
  });
