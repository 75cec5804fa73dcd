/**
 * One run's checkpoints on validation images that are filtered and augmented: what the network could do when (after
 * Wang et al., TPAMI 2024, sec. 3).
 */
import { positionAt } from '../../../shared/curriculum/plan';
import { filterText } from '../../../shared/curriculum/frequency-filter';
import { FULL_MAGNITUDE } from '../../../shared/curriculum/preset';
import { AppError } from '../../../shared/errors';
import { NO_IMAGE } from '../../../shared/labels';
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { wilson } from '../../../shared/same-accuracy';
import { runFolder } from '../../base/home';
import type { EvalBatch } from '../../engine/data/loader/eval-loader';
import { evaluationImage, trainImage } from '../../engine/data/loader/make-sample';
import { pathOf } from '../../engine/data/loader/read-image';
import { reasonOf } from '../../engine/data/loader/train-sample';
import { nativeImages } from '../../engine/data/loader/native-images';
import { pickSamples } from '../../engine/data/pick-samples';
import { findTask } from '../../engine/tasks';
import { evaluate } from '../../engine/train/evaluate';
import { listCheckpoints } from '../../engine/train/checkpoint';
import { augmentOptions } from '../../engine/train/setup';
import type { SampleTable } from '../../engine/types';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { loadSampleTable } from '../datasets/datasets';
import { borrowDeviceToRead } from '../gpu/take-device';
import { loadRunWeights, type WeightChoice } from '../inference/checkpoints';
import { openEvaluation, type OpenEvaluation } from '../inference/evaluation';
import { preprocessingOf } from '../inference/run-inference';

/** How validation images are seen. `weak` and `strong`: as in training, with RandAugment of magnitude 0 and of 9. */
interface View {
  id: string;
  filter: FrequencyFilter | null;
  images: 'plain' | 'weak' | 'strong';
}

export const viewsOf = (radii: readonly number[]): View[] => [
  { id: 'plain', filter: null, images: 'plain' },
  ...(['low_pass', 'high_pass'] as const).flatMap((kind) =>
    radii.map((radius): View => ({ id: filterText({ kind, radius }), filter: { kind, radius }, images: 'plain' })),
  ),
  { id: 'weak', filter: null, images: 'weak' },
  { id: 'strong', filter: null, images: 'strong' },
];

/** A sixteenth, an eighth and a quarter of the side: the last is half of the frequencies along an axis. */
export const usualRadii = (size: number): number[] => [16, 8, 4].map((part) => size / part);

export interface ViewFigures {
  top1: number;
  loss: number;
  /** 95 % interval of top1 (Wilson). */
  low: number;
  high: number;
}

export interface CheckpointFigures {
  step: number;
  /** Share of the run's compute, 0 to 1. */
  progress: number;
  /** From 0: the stage that it is of. */
  stage: number;
  views: Record<string, ViewFigures>;
}

export interface CheckpointsReport {
  kind: 'checkpoints';
  run: string;
  weights: 'ema' | 'raw';
  images: number;
  views: string[];
  checkpoints: CheckpointFigures[];
}

export interface CheckpointsParts {
  home: string;
  store: Store;
  run: Run;
  radii: readonly number[];
  weights: WeightChoice['weights'];
  /** Validation images at most, evenly spaced. */
  images: number;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

type Images = Record<View['images'], EvalBatch[]>;

const unread = (table: SampleTable, sample: number, cause: unknown): AppError =>
  new AppError(
    {
      code: 'bad_dataset',
      what: `The image ${pathOf(table, sample)} could not be read.`,
      why: `${reasonOf(cause)}.`.replace(/\.\.$/, '.'),
      next: 'Put the file back or repair it and try again, or import the dataset again without it.',
    },
    { cause },
  );

/** Every validation image in the three ways, drawn once: the same for each checkpoint. */
async function makeImages(table: SampleTable, config: RunConfig, signal: AbortSignal): Promise<Images> {
  const { size, seed, data } = config;
  const { batch } = config.eval;
  const [native, options] = [nativeImages(), { ...augmentOptions(config), auto_augment: 'randaug' as const }];
  const trained = (sample: number, magnitude: number) =>
    trainImage(table, { seed, epoch: 0, sample }, size, magnitude, options, native);
  const all: Images = { plain: [], weak: [], strong: [] };
  for (let first = 0; first < table.count; first += batch) {
    signal.throwIfAborted();
    const samples = Array.from({ length: Math.min(batch, table.count - first) }, (_, index) => first + index);
    const labels = new Int32Array(batch).fill(NO_IMAGE);
    labels.set(table.labels.subarray(first, first + samples.length));
    for (const how of ['plain', 'weak', 'strong'] as const) {
      const images = new Uint8Array(batch * size * size * 3);
      for (const [row, sample] of samples.entries()) {
        const made =
          how === 'plain'
            ? evaluationImage(table, sample, size, data.crop_pct, data.interpolation, native)
            : trained(sample, how === 'weak' ? 0 : FULL_MAGNITUDE);
        const { data: pixels } = await made.catch((error: unknown) => {
          throw unread(table, sample, error);
        });
        images.set(pixels, row * size * size * 3);
      }
      all[how].push({ images, labels });
    }
  }
  return all;
}

async function measure(opened: OpenEvaluation, batches: EvalBatch[], signal: AbortSignal): Promise<ViewFigures> {
  const meter = opened.evaluation.meter(opened.measurement);
  const loader = {
    batches: () => batches.values() as Generator<EvalBatch>,
    problems: () => [],
    close: () => Promise.resolve(),
  };
  if (!(await evaluate([meter], { executor: opened.executor, loader, stop: () => signal.aborted })))
    throw signal.reason;
  const { figures, count } = meter.result();
  const [top1, loss] = [figures['top1'] ?? NaN, figures['loss'] ?? NaN];
  const [low, high] = wilson(top1, count);
  return { top1, loss, low, high };
}

function refuse({ name, config }: Run): void {
  if (findTask(config.task).needsLabels) return;
  throw new AppError({
    code: 'invalid_config',
    what: `Run ${name} can't be studied so.`,
    why: `Its task ${config.task} has no accuracy.`,
    next: 'Name a run that classifies.',
  });
}

/** @throws AppError invalid_config, checkpoint_invalid, bad_dataset; what the signal was aborted with */
export async function studyCheckpoints(parts: CheckpointsParts): Promise<CheckpointsReport> {
  const { home, store, run, radii, weights, signal, onProgress } = parts;
  refuse(run);
  const { config, plan } = run;
  const steps = [...new Set(listCheckpoints(runFolder(home, run.id)).map(({ step }) => step))].sort((a, b) => a - b);
  const table = pickSamples(loadSampleTable(store, findDataset(store, config.dataset), 'val'), parts.images);
  await borrowDeviceToRead(store, config.engine.device);
  const images = await makeImages(table, config, signal);
  const views = viewsOf(radii);
  const opened = new Map<string, OpenEvaluation>();
  const checkpoints: CheckpointFigures[] = [];
  let used: 'ema' | 'raw' = 'raw';
  try {
    // A run without one is refused by the weights' loading, which says what to do.
    for (const checkpoint of steps.length ? steps : (['last'] as const)) {
      const found = await loadRunWeights(home, store, run, { checkpoint, weights });
      used = found.weights;
      const figures: Record<string, ViewFigures> = {};
      for (const { id, filter, images: how } of views) {
        const key = filterText(filter);
        const subject = {
          ...{ home, task: findTask(config.task), config, model: found.model, values: found.values, filter },
          ...{
            preprocessing: preprocessingOf(config),
            batch: config.eval.batch,
            threads: config.engine.intra_op_threads,
          },
        };
        const known = opened.get(key);
        const open = known ?? openEvaluation(subject);
        if (known) known.executor.write(found.values);
        opened.set(key, open);
        figures[id] = await measure(open, images[how], signal);
      }
      const { stage } = positionAt(plan, Math.max(found.step - 1, 0));
      checkpoints.push({ step: found.step, progress: positionAt(plan, found.step).t, stage, views: figures });
      onProgress(checkpoints.length, steps.length);
    }
  } finally {
    for (const { executor } of opened.values()) executor.dispose();
  }
  return {
    ...{ kind: 'checkpoints', run: run.id, weights: used, images: table.count },
    ...{ views: views.map(({ id }) => id), checkpoints },
  };
}
