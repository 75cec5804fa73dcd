/**
 * Evaluates one run's checkpoints on validation images that are filtered and augmented: what the network could do when
 * (after Wang et al., TPAMI 2024, sec. 3).
 */
import type { CheckpointsSpec, ViewFigures } from '../../../shared/contract/studies';
import { positionAt } from '../../../shared/curriculum/plan';
import { filterText } from '../../../shared/curriculum/frequency-filter';
import { FULL_MAGNITUDE } from '../../../shared/curriculum/preset';
import { AppError } from '../../../shared/errors';
import { NO_IMAGE } from '../../../shared/labels';
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { wilson } from '../../../shared/same-accuracy';
import { viewsOf, type StudyView } from '../../../shared/study/views';
import type { EvalBatch } from '../../engine/data/loader/eval-loader';
import { evaluationImage, trainImage } from '../../engine/data/loader/make-sample';
import { pathOf } from '../../engine/data/loader/read-image';
import { reasonOf } from '../../engine/data/loader/train-sample';
import { nativeImages } from '../../engine/data/loader/native-images';
import { pickSamples } from '../../engine/data/pick-samples';
import { findTask } from '../../engine/tasks';
import { evaluate } from '../../engine/train/evaluate';
import { augmentOptions } from '../../engine/train/setup';
import type { SampleTable } from '../../engine/types';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import { setStudyCheckpoint, studyCheckpoints, type StoredCheckpoint } from '../../store/studies';
import { loadSampleTable } from '../datasets/datasets';
import { borrowDeviceToRead } from '../gpu/take-device';
import { loadRunWeights, type RunWeights } from '../inference/checkpoints';
import { openEvaluation, type OpenEvaluation } from '../inference/evaluation';
import { preprocessingOf } from '../inference/run-inference';
import { checkpointSteps } from './checkpoint-steps';

export interface CheckpointsParts {
  home: string;
  store: Store;
  /** Id of the study. */
  id: string;
  spec: CheckpointsSpec;
  signal: AbortSignal;
}

type Images = Record<StudyView['images'], EvalBatch[]>;

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

/** Makes the three versions of every validation image, once for all checkpoints. */
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

/** Measures one checkpoint after the other, each in all views, with one program for each filter. */
class Measurer {
  private readonly opened = new Map<string, OpenEvaluation>();

  constructor(
    private readonly parts: CheckpointsParts,
    private readonly run: Run,
    private readonly images: Images,
  ) {}

  async figures(checkpoint: number | 'last', count: number): Promise<StoredCheckpoint> {
    const { home, store, spec, signal } = this.parts;
    const { plan } = this.run;
    const found = await loadRunWeights(home, store, this.run, { checkpoint, weights: spec.weights });
    const views: Record<string, ViewFigures> = {};
    for (const { id, filter, images } of viewsOf(spec.radii))
      views[id] = await measure(this.evaluation(found, filter), this.images[images], signal);
    return {
      ...{ step: found.step, progress: positionAt(plan, found.step).t, views, weights: found.weights, images: count },
      stage: positionAt(plan, Math.max(found.step - 1, 0)).stage,
    };
  }

  private evaluation({ model, values }: RunWeights, filter: FrequencyFilter | null): OpenEvaluation {
    const { config } = this.run;
    const known = this.opened.get(filterText(filter));
    if (known) {
      known.executor.write(values);
      return known;
    }
    const open = openEvaluation({
      ...{ home: this.parts.home, task: findTask(config.task), config, model, values, filter },
      ...{
        preprocessing: preprocessingOf(config),
        batch: config.eval.batch,
        threads: config.engine.intra_op_threads,
      },
    });
    this.opened.set(filterText(filter), open);
    return open;
  }

  close(): void {
    for (const { executor } of this.opened.values()) executor.dispose();
  }
}

/**
 * Measures the checkpoints of the study's run that are not measured yet, and keeps each as it is done.
 * @returns true @throws AppError not_found, checkpoint_invalid, bad_dataset; what the signal was aborted with
 */
export async function measureCheckpoints(parts: CheckpointsParts): Promise<boolean> {
  const { home, store, id, spec, signal } = parts;
  const run = findRun(store, spec.run);
  const known = new Set(studyCheckpoints(store, id).map(({ step }) => step));
  const steps = checkpointSteps(home, run.id);
  const left = steps.filter((step) => !known.has(step));
  if (steps.length && !left.length) return true;
  const table = pickSamples(loadSampleTable(store, findDataset(store, run.config.dataset), 'val'), spec.images);
  await borrowDeviceToRead(store, run.config.engine.device);
  const measurer = new Measurer(parts, run, await makeImages(table, run.config, signal));
  try {
    // The loading of weights refuses a run without a checkpoint, and says what to do.
    for (const checkpoint of left.length ? left : (['last'] as const)) {
      signal.throwIfAborted();
      setStudyCheckpoint(store, id, await measurer.figures(checkpoint, table.count));
    }
  } finally {
    measurer.close();
  }
  return true;
}
