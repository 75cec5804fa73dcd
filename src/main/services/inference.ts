/** Evaluation and prediction with given weights, in this process. */
import { readFile } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors';
import { applyEngineEnvironment } from '../engine/backend/environment';
import { openProgram } from '../engine/capture/open';
import { evaluationView } from '../engine/data/augment/evaluation';
import { badImage, decodeImage, UnusableImage } from '../engine/data/decode/decode';
import { createEvalLoader } from '../engine/data/loader/eval-loader';
import { pathOf } from '../engine/data/loader/read-image';
import { NpyWriter } from '../engine/export/npy';
import { classifyProgram, evalSignature, type ClassifyOptions } from '../engine/tasks/classify';
import { sgd } from '../engine/optim/sgd';
import { topProbabilities, type EvaluationResult } from '../engine/train/accuracy';
import { evaluate } from '../engine/train/evaluate';
import type { Executor, Model, SampleTable } from '../engine/types';
import { entryPath } from '../entry';
import { graphCacheFolder } from '../home';

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
  const loader = createEvalLoader(entryPath('loader-worker'), {
    samples,
    size,
    cropPct,
    interpolation,
    batch,
    workers,
    keepBytes: 0,
  });
  const dumped = dump === undefined ? null : new Dump(dump, samples.count, size, model.options.num_classes, preprocessing);
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

/** What was fed and what came out, so that anyone can check: N x 3 x H x W float32 as timm's models take it. */
class Dump {
  private readonly inputs: NpyWriter;
  private readonly logits: NpyWriter;
  private readonly labels: NpyWriter;

  constructor(
    private readonly folder: string,
    count: number,
    private readonly size: number,
    private readonly classes: number,
    private readonly preprocessing: Preprocessing,
  ) {
    mkdirSync(folder, { recursive: true });
    this.inputs = new NpyWriter(join(folder, 'inputs.npy'), 'float32', [count, 3, size, size]);
    this.logits = new NpyWriter(join(folder, 'logits.npy'), 'float32', [count, classes]);
    this.labels = new NpyWriter(join(folder, 'labels.npy'), 'int64', [count]);
  }

  add({ images, labels, logits }: { images: Uint8Array; labels: Int32Array; logits: Float32Array }): void {
    const kept = labels.findIndex((label) => label < 0);
    const rows = kept < 0 ? labels.length : kept;
    const pixels = this.size * this.size;
    const { mean, std } = this.preprocessing;
    const planes = new Float32Array(rows * pixels * 3);
    for (let row = 0; row < rows; row++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let c = 0; c < 3; c++)
          planes[(row * 3 + c) * pixels + pixel] =
            ((images[(row * pixels + pixel) * 3 + c] as number) / 255 - (mean[c] as number)) / (std[c] as number);
      }
    }
    this.inputs.write(planes);
    this.logits.write(logits.subarray(0, rows * this.classes));
    this.labels.write(BigInt64Array.from(labels.subarray(0, rows), BigInt));
  }

  finish(samples: SampleTable): void {
    this.inputs.close();
    this.logits.close();
    this.labels.close();
    writeFileSync(
      join(this.folder, 'files.txt'),
      Array.from({ length: samples.count }, (_, index) => `${pathOf(samples, index)}\n`).join(''),
    );
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
    const image = await readFile(path)
      .then(decodeImage)
      .catch((error: Error) => {
        throw badImage(path, error instanceof UnusableImage ? error : new Error(`It can't be read: ${error.message}.`));
      });
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
