/** Measures a split with given weights, in this process, as the weights' task measures it. */
import { AppError } from '../../../shared/errors';
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { openProgram } from '../../engine/capture/open';
import { createEvalLoader } from '../../engine/data/loader/eval-loader';
import type { LoaderProblem } from '../../engine/data/loader/pool';
import type { Evaluation, MeasuredSplit, Measurement } from '../../engine/tasks/evaluation';
import type { Task } from '../../engine/tasks/task';
import { filterOf } from '../../engine/tasks/view';
import { evaluate, type MadeBatch } from '../../engine/train/evaluate';
import type { Preprocessing } from '../../engine/data/preprocessing';
import type { Executor, Model, Program, SampleTable, TensorInfo } from '../../engine/types';
import { entryPath } from '../../base/entry';
import { graphCacheFolder } from '../../base/home';
import { inferenceMemory } from '../preflight/memory-estimate';
import { Dump } from './dump';
import { sayingMemory } from './inference-memory';

/** The weights to measure and their network. */
export interface Subject {
  home: string;
  task: Task;
  /** Configuration of their run; null where the weights come from no run. */
  config: RunConfig | null;
  model: Model;
  /** Values by timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  preprocessing: Preprocessing;
  /** Filter of the measured images; null: all their frequencies stay. */
  filter: FrequencyFilter | null;
  /** Number of images on the device at once. */
  batch: number;
  threads: number | null;
}

export interface OpenEvaluation {
  subject: Subject;
  evaluation: Evaluation;
  measurement: Measurement;
  executor: Executor;
}

/**
 * Opens the task's evaluation graph with the weights in it. @param dumped whether everything that a dump holds is
 * returned
 */
export function openEvaluation(subject: Subject, dumped = false): OpenEvaluation {
  const { home, task, config, model, values, preprocessing, filter, batch, threads } = subject;
  applyEngineEnvironment({ intraOpThreads: threads, interOpThreads: null });
  const { size, mean, std } = preprocessing;
  const view = { ...{ size, mean, std, lowFrequencyMode: 'crop' as const }, ...filterOf(filter) };
  const evaluation = task.evaluation(model, view, config);
  const measured = (images: number): Measurement => ({ bandwidth: size, batch: images, weights: 'raw', dumped });
  const programOf = (images: number): Program => ({
    variables: Object.fromEntries(
      model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]),
    ),
    signatures: { [evaluation.meter(measured(images)).signature]: evaluation.signature(measured(images)) },
  });
  const opened = openProgram({
    build: () => programOf(batch),
    key: {
      ...{ evaluation: task.id, own: config && task.graphKey(config), model: model.id, options: model.options },
      ...{ size, mean, std, batch, dumped, ...filterOf(filter) },
    },
    cacheFolder: graphCacheFolder(home),
  });
  const executor = sayingMemory(opened.executor, { size, batch, estimate: () => inferenceMemory(programOf) });
  executor.write(values);
  return { subject, evaluation, measurement: measured(batch), executor };
}

export interface SplitOptions {
  samples: SampleTable;
  workers: number;
  signal: AbortSignal;
  /** Folder to leave inputs.npy, files.txt and the task's own arrays in. */
  dump?: string;
  /** Called with every batch. */
  onBatch?: (made: MadeBatch) => void;
}

/**
 * Measures a split. Its figures cover all images of the record, or it fails: only a run's own evaluations continue
 * without the files that can't be read, as training must, and say so.
 * @throws AppError bad_dataset where a file can't be read; what the signal was aborted with
 */
export async function evaluateSplit(
  { subject, evaluation, measurement, executor }: OpenEvaluation,
  { samples, workers, signal, dump, onBatch }: SplitOptions,
): Promise<MeasuredSplit> {
  const { preprocessing } = subject;
  const { size, crop_pct: cropPct, interpolation } = preprocessing;
  // This comes before any worker starts, because the folder may not be writable.
  const arrays = evaluation.dump.arrays(measurement);
  const dumped = dump === undefined ? null : new Dump(dump, samples.count, preprocessing, arrays);
  let loader: ReturnType<typeof createEvalLoader> | null = null;
  try {
    loader = createEvalLoader(entryPath('loader-worker'), {
      ...{ samples, size, cropPct, interpolation, batch: subject.batch, workers, keepBytes: 0 },
    });
    const meter = evaluation.meter(measurement);
    const whole = await evaluate([meter], {
      ...{ executor, loader, stop: () => signal.aborted },
      onBatch: (made) => {
        const rows = Math.min(made.batch.labels.length, samples.count - made.first);
        dumped?.add(made.batch.images, rows, evaluation.dump.rows(made.outputs, made.inputs, rows));
        onBatch?.(made);
      },
    });
    if (!whole) throw signal.reason;
    refuseUnread(loader.problems(), samples.count);
    dumped?.finish(samples);
    return meter.result();
  } finally {
    dumped?.discard();
    await loader?.close();
  }
}

/** Number of reasons that a refusal names. */
const MOST_NAMED = 3;

/**
 * Refuses images that could not be read. @throws AppError bad_dataset where there is a problem: an accuracy covers all
 * images of a split
 */
export function refuseUnread(problems: readonly LoaderProblem[], images: number): void {
  if (!problems.length) return;
  const named = problems.slice(0, MOST_NAMED).map(({ path, reason }) => `${path}: ${reason}`);
  throw new AppError({
    code: 'bad_dataset',
    what: `${problems.length} of ${images} images could not be read, so the accuracy of the split is not known.`,
    why: `${named.join('; ')}${problems.length > named.length ? '; ...' : ''}.`.replace(/\.\.$/, '.'),
    next: 'Put the files back or repair them and try again, or import the dataset again without them.',
  });
}
