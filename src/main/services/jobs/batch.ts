/**
 * The batch of a run at a step as the model gets it: the loader's own functions, then, on the host, the operations of
 * the captured step (engine/tasks/prepare.ts): filter, low-frequency crop, random erasing, mixing with the flipped
 * batch.
 */
import { basename } from 'node:path';
import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { batchArgs } from '../../../shared/contract/previews';
import { filtered } from '../../../shared/curriculum/frequency-filter';
import { lowFrequencyCrop } from '../../../shared/curriculum/low-frequency';
import { drawnMagnitude } from '../../../shared/curriculum/magnitudes';
import { imagesHeld } from '../../../shared/curriculum/replay';
import { AppError } from '../../../shared/errors';
import { rngOf, textKey } from '../../../shared/random';
import { withLaterFields, type RunConfig } from '../../../shared/run-config';
import { mixParams } from '../../engine/data/augment/mix';
import { pathOf } from '../../engine/data/loader/read-image';
import { sourceOf } from '../../engine/data/loader/replay';
import { EpochOrders, imagesBefore, magnitudeAt, originOf, placeOf, type Place } from '../../engine/data/loader/stream';
import { eraseIn, trainView, type TrainSamples } from '../../engine/data/loader/train-sample';
import { augmentOptions, loaderStages } from '../../engine/train/setup';
import type { LoaderStage, MixParams, SampleTable } from '../../engine/types';
import { databasePath } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { loadSampleTable } from '../datasets/datasets';
import { rgbPicture } from '../pictures/pictures';

type Args = z.output<typeof batchArgs>;
type Result = JobResult<'batch'>;

const SHOWN = 224;

/** The last table and order are kept: this process stays warm, and a user views a run's batches one after the other. */
let kept: { key: string; table: SampleTable; classes: readonly string[]; orders: EpochOrders } | null = null;

function look(home: string, reference: string): { run: Run } & NonNullable<typeof kept> {
  const store = openStore(databasePath(home));
  try {
    const run = findRun(store, reference);
    const dataset = findDataset(store, run.config.dataset);
    const key = JSON.stringify([home, dataset.id, dataset.root, run.config.seed]);
    if (kept?.key !== key) {
      const table = loadSampleTable(store, dataset, 'train');
      kept = { key, table, classes: dataset.classes, orders: new EpochOrders(table.count, run.config.seed) };
    }
    return { run, ...kept };
  } finally {
    store.close();
  }
}

interface Made {
  /** Pixels [B, B, 3] in 0..1, before normalisation. */
  pixels: Float32Array;
  sample: number;
}

interface BatchPlan extends Pick<Place, 'stage' | 'step'> {
  samples: TrainSamples;
  config: RunConfig;
  stages: readonly LoaderStage[];
}

async function make({ samples, config, stages, stage, step }: BatchPlan, index: number): Promise<Made> {
  const { size, schedule, seed, replay } = config;
  const at = { stage, step, index };
  const position = sourceOf({ stages, seed, held: imagesHeld(replay.buffer_mb, size) }, at);
  // The run's own log names files that can't be read.
  const { image, used } = await trainView(samples, position, originOf(stages, position) ?? at, () => undefined);
  const erase = eraseIn(samples, position, at);
  const host = { data: Float32Array.from(image.data, (value) => value / 255), height: size, width: size, channels: 3 };
  const pixels = lowFrequencyCrop(
    filtered(host, config.data.filter),
    stage.bandwidth,
    schedule.low_frequency_mode,
  ).data;
  return { pixels: erased(pixels, stage.bandwidth, erase, config, step, index), sample: used };
}

/**
 * Fills the rectangle. Constant: the mean colour, which normalisation makes zero. Pixel: normal noise; the device draws
 * its own, which looks the same.
 */
function erased(
  pixels: Float32Array,
  side: number,
  [top, left, height, width]: readonly [number, number, number, number],
  { data, seed }: RunConfig,
  step: number,
  index: number,
): Float32Array {
  const rng = rngOf(seed, textKey('erase_preview'), step, index);
  for (let row = top; row < top + height; row++) {
    for (let column = left; column < left + width; column++) {
      for (let c = 0; c < 3; c++) {
        const noise = data.remode === 'pixel' ? rng.normal() * (data.std[c] as number) : 0;
        pixels[(row * side + column) * 3 + c] = (data.mean[c] as number) + noise;
      }
    }
  }
  return pixels;
}

function mixed(own: Float32Array, other: Float32Array, { mask }: MixParams): Float32Array {
  return own.map((value, at) => {
    const weight = mask[Math.floor(at / 3)] as number;
    return weight * value + (1 - weight) * (other[at] as number);
  });
}

const to8Bit = (pixels: Float32Array): Uint8Array =>
  Uint8Array.from(pixels, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));

export const job: JobImplementation<Args, Result> = {
  run: async (args, { home, signal }) => {
    const { run, table, classes, orders } = look(home, args.run);
    const stages = loaderStages(run.plan);
    const step = Math.min(args.step ?? run.step, run.plan.totals.steps - 1);
    const place = placeOf(stages, imagesBefore(stages, step));
    if (!place) throw pastTheEnd(run, step);
    const { stage } = place;
    const config = withLaterFields(run.config);
    const { seed, size } = config;
    const samples = { table, seed, size, augment: augmentOptions(config), orders, native: null };
    const plan: BatchPlan = { samples, config, stages, stage, step };
    const mix = mixParams(run.config.seed, step, stage.bandwidth, run.config.data);
    const images: Result['images'] = [];
    const count = Math.min(args.most, stage.batch);
    for (let index = 0; index < count; index++) {
      signal.throwIfAborted();
      const own = await make(plan, index);
      const other = mix.kind === 'none' ? null : await make(plan, stage.batch - 1 - index);
      const pixels = other ? mixed(own.pixels, other.pixels, mix) : own.pixels;
      const side = stage.bandwidth;
      images.push({
        picture: await rgbPicture({ data: to8Bit(pixels), width: side, height: side }, SHOWN),
        path: pathOf(table, own.sample).slice(table.root.length + 1),
        label: labelOf(classes, table, own.sample),
        with: other ? labelOf(classes, table, other.sample) : null,
      });
    }
    return {
      ...{ step, stage: stages.indexOf(stage), bandwidth: stage.bandwidth, batch: stage.batch },
      ...{ magnitude: drawnMagnitude(magnitudeAt(stage, step), config.data), mixed: mix.kind, lam: mix.lam, images },
    };
  },
};

/** Returns the image's class, or its file's name where it has no label. */
const labelOf = (classes: readonly string[], table: SampleTable, sample: number): string =>
  classes[table.labels[sample] as number] ?? basename(pathOf(table, sample));

const pastTheEnd = (run: Run, step: number): AppError =>
  new AppError({
    code: 'usage',
    what: `Run ${run.name} has no step ${step}.`,
    why: `Its schedule ends after ${run.plan.totals.steps}.`,
    next: 'Choose an earlier step.',
  });
