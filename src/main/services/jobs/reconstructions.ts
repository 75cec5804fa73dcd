/** Makes the pictures of a run's reconstructions: the evaluation's first images, read again, masked and predicted. */
import { relative } from 'node:path';
import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type {
  ReconstructionColumn,
  Reconstructed,
  reconstructionsArgs,
} from '../../../shared/contract/reconstructions';
import { lowFrequencyCrop } from '../../../shared/curriculum/low-frequency';
import { evaluationView } from '../../engine/data/augment/evaluation';
import { pathOf, readBox } from '../../engine/data/loader/read-image';
import type { Rgb } from '../../engine/data/image/rgb';
import { reasonOf } from '../../engine/data/loader/train-sample';
import { findTask } from '../../engine/tasks';
import { readReconstructions, type Reconstructions } from '../../engine/tasks/mae/detail';
import type { SampleTable } from '../../engine/types';
import { databasePath } from '../../base/home';
import { findDataset, type Dataset } from '../../store/datasets';
import { detailSteps, evaluationDetail } from '../../store/evaluation-details';
import { openStore, type Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { loadSampleTable } from '../datasets/datasets';
import { glyphsSvg, hogGlyphs } from '../pictures/hog-glyphs';
import { combined, hatched, patchError, pixelError, type Masked } from '../pictures/masked-pictures';
import { greyPicture, rgbPicture, svgPicture } from '../pictures/pictures';
import { evaluationSamples } from '../runs/evaluation-samples';

type Args = z.output<typeof reconstructionsArgs>;
type Result = JobResult<'reconstructions'>;
type Image = Reconstructed['images'][number];

const KIND = 'reconstructions';
const SHOWN = 320;
const COLUMNS: Record<Reconstructions['target'], ReconstructionColumn[]> = {
  pixels: ['original', 'seen', 'masked', 'prediction', 'whole', 'error'],
  hog: ['original', 'seen', 'masked', 'wanted', 'prediction', 'error'],
};

/** The last table is kept: this process stays warm, and a user views a run's evaluations one after the other. */
let kept: { key: string; table: SampleTable } | null = null;

/** Returns the samples that the run is measured on. */
const measuredTable = (store: Store, dataset: Dataset, { config }: Run): SampleTable =>
  evaluationSamples(store, dataset, findTask(config.task), () => loadSampleTable(store, dataset, 'train')).samples;

interface Left {
  run: Run;
  steps: number[];
  /** The reconstructions; null before the first evaluation. */
  made: { step: number; detail: Reconstructions; table: SampleTable } | null;
}

function look(home: string, { run: reference, weights, step }: Args): Left {
  const store = openStore(databasePath(home));
  try {
    const run = findRun(store, reference);
    const steps = detailSteps(store, run.id, KIND, weights);
    const row = evaluationDetail(store, run.id, { kind: KIND, weights, step });
    if (!row) return { run, steps, made: null };
    const dataset = findDataset(store, run.config.dataset);
    const key = JSON.stringify([home, dataset.id, dataset.root, run.config.task]);
    if (kept?.key !== key) kept = { key, table: measuredTable(store, dataset, run) };
    return { run, steps, made: { step: row.step, detail: readReconstructions(row), table: kept.table } };
  } finally {
    store.close();
  }
}

type File = { image: Rgb; problem: null } | { image: null; problem: string };

/** Returns an image as the evaluation has seen it, or why its file can no longer be read. */
const viewed = (table: SampleTable, sample: number, { size, data }: Run['config']): Promise<File> =>
  readBox(table, sample, null, null).then(
    (image) => ({ image: evaluationView(image, size, data.crop_pct, data.interpolation), problem: null }),
    (error: unknown) => ({ image: null, problem: reasonOf(error) }),
  );

function atBandwidth({ data }: Rgb, size: number, bandwidth: number, mode: 'crop' | 'resize'): Rgb {
  const host = { data: Float32Array.from(data, (value) => value / 255), height: size, width: size, channels: 3 };
  const seen = lowFrequencyCrop(host, bandwidth, mode).data;
  const pixels = Uint8Array.from(seen, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
  return { data: pixels, width: bandwidth, height: bandwidth };
}

/** The part of the reconstructions that belongs to one image. */
interface Part {
  masked: Masked;
  target: Reconstructions['target'];
  prediction: Uint8Array;
  wanted: Uint8Array;
}

function partOf({ size, patch, target, images, mask, prediction, wanted }: Reconstructions, row: number): Part {
  const of = (all: Uint8Array): Uint8Array => {
    const width = all.length / images.length;
    return all.subarray(row * width, (row + 1) * width);
  };
  return { masked: { size, patch, mask: of(mask) }, target, prediction: of(prediction), wanted: of(wanted) };
}

type Pictures = Image['pictures'];

/** Makes the pictures that need no file. */
async function predicted({ masked, target, prediction, wanted }: Part): Promise<Pictures> {
  const { size } = masked;
  if (target === 'pixels')
    return { prediction: await rgbPicture({ data: prediction, width: size, height: size }, SHOWN) };
  const glyphs = (numbers: Uint8Array): Promise<string> =>
    svgPicture(glyphsSvg(hogGlyphs(numbers, masked), size, SHOWN));
  return {
    ...{ wanted: await glyphs(wanted), prediction: await glyphs(prediction) },
    error: await greyPicture(patchError(wanted, prediction, masked), size, SHOWN),
  };
}

async function fromFile(image: Rgb, { masked, target, prediction }: Part, seen: Rgb): Promise<Pictures> {
  const plain = {
    original: await rgbPicture(image, SHOWN),
    seen: await rgbPicture(seen, SHOWN),
    masked: await rgbPicture(hatched(image, masked), SHOWN),
  };
  if (target === 'hog') return plain;
  return {
    ...plain,
    whole: await rgbPicture(combined(image, prediction, masked), SHOWN),
    error: await greyPicture(pixelError(image, prediction, masked), masked.size, SHOWN),
  };
}

const stageAt = ({ plan }: Run, step: number): number =>
  Math.max(
    plan.stages.findLastIndex(({ first_step }) => first_step < step),
    0,
  );

export const job: JobImplementation<Args, Result> = {
  run: async (args, { home, signal }) => {
    const { run, steps, made } = look(home, args);
    if (!made) return { steps, shown: null };
    const { step, detail, table } = made;
    const stage = stageAt(run, step);
    const bandwidth = run.plan.stages[stage]?.bandwidth ?? detail.size;
    const { low_frequency_mode: mode } = run.config.schedule;
    const images: Image[] = [];
    for (const [row, sample] of detail.images.entries()) {
      signal.throwIfAborted();
      const part = partOf(detail, row);
      const file = await viewed(table, sample, run.config);
      const seen = file.image && atBandwidth(file.image, detail.size, bandwidth, mode);
      images.push({
        ...{
          path: relative(table.root, pathOf(table, sample)),
          problem: file.problem,
          loss: detail.losses[row] ?? null,
        },
        pictures: { ...(await predicted(part)), ...(file.image && seen && (await fromFile(file.image, part, seen))) },
      });
    }
    return { steps, shown: { step, stage, bandwidth, target: detail.target, columns: COLUMNS[detail.target], images } };
  },
};
