/**
 * Exports weights: they are written, reloaded in a fresh process, compared with the run, and only then put in place.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import packageJson from '../../../../package.json';
import { AppError } from '../../../shared/errors';
import type { ExportNames } from '../../../shared/export-names';
import type { ExportPart } from '../../../shared/export-part';
import { seriesOfName } from '../../../shared/metrics';
import { createEvalLoader } from '../../engine/data/loader/eval-loader';
import { checkDestination, clearAbandoned, writeAside } from '../../engine/export/destination';
import { hasDecoder, valuesOf, withoutDecoder } from '../../engine/export/encoder-part';
import { withoutProbe } from '../../engine/export/fold-probe';
import type { ExportFormat, ExportInput } from '../../engine/export/format';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { exportFormat } from '../../engine/export/formats';
import { describeFiles } from '../../engine/export/foreign-files';
import { writeManifest, type ExportManifest } from '../../engine/export/manifest';
import { modelCard } from '../../engine/export/model-card';
import { PARITY_IMAGES, parityOf, runCheck, type Parity } from '../../engine/export/parity';
import { pickSamples } from '../../engine/data/pick-samples';
import { writeExportFile } from '../../engine/export/write-file';
import { officialNamesOf } from '../../engine/weights/official-names';
import { findTask } from '../../engine/tasks';
import { maeSettings } from '../../engine/tasks/mae/settings';
import { entryPath } from '../../base/entry';
import { graphCacheFolder } from '../../base/home';
import { addEvent } from '../../store/events';
import { recordExport } from '../../store/exports';
import { pointsOf, seriesNames } from '../../store/metrics';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { loadRunWeights, type RunWeights, type WeightChoice } from '../inference/checkpoints';
import { evaluationSamples } from '../runs/evaluation-samples';
import { loadSampleTable } from '../datasets/datasets';
import { borrowDeviceToRead } from '../gpu/take-device';
import { openInference } from '../inference/inference';
import { preprocessingOf } from '../inference/run-inference';

/** Number of images at once in the parity check. */
const BATCH = 16;

export interface ExportOptions extends WeightChoice {
  home: string;
  run: Run;
  format: string;
  /** Folder to write. */
  out: string;
  /** The folder that was picked for it, outside of which nothing is written; null: any place. */
  within?: string | null;
  /** Whether to replace an existing export. */
  force: boolean;
  /** Part of a masked autoencoder; other networks have an encoder and its classifier only. */
  part: ExportPart;
  /** Naming of the parameters in the file. */
  names: ExportNames;
  signal: AbortSignal;
  log: (line: string) => void;
}

export interface Exported {
  path: string;
  format: string;
  parity: Parity;
  /** Files of an earlier export's folder that no export wrote, and that have stayed; absent where there are none. */
  kept?: string[];
}

interface ParityImages {
  /** uint8 [count, size, size, 3], resized and cropped as the run's evaluation does. */
  images: Uint8Array;
  count: number;
}

/** Returns images of the split that the run is measured on. @throws AppError dataset_missing, bad_dataset */
function parityImages(store: Store, { dataset, config }: RunWeights): Promise<ParityImages> {
  if (!existsSync(dataset.root)) {
    throw new AppError({
      code: 'dataset_missing',
      what: `The folder of dataset ${dataset.name} is gone.`,
      why: `${dataset.root} is not there, and an export is checked on its images.`,
      next: `If it has moved: efficienttrain datasets locate ${dataset.name} NEW_FOLDER`,
      action: { id: 'locate_dataset' },
    });
  }
  const { samples } = evaluationSamples(store, dataset, findTask(config.task), () =>
    loadSampleTable(store, dataset, 'train'),
  );
  return readViews(pickSamples(samples, PARITY_IMAGES), config);
}

async function readViews(
  samples: ReturnType<typeof pickSamples>,
  { size, data }: RunWeights['config'],
): Promise<ParityImages> {
  const loader = createEvalLoader(entryPath('loader-worker'), {
    samples,
    size,
    cropPct: data.crop_pct,
    interpolation: data.interpolation,
    batch: BATCH,
    workers: 1,
    keepBytes: 0,
  });
  try {
    const images = new Uint8Array(samples.count * size * size * 3);
    let offset = 0;
    for (const batch of loader.batches()) {
      const part = batch.images.subarray(0, images.length - offset);
      images.set(part, offset);
      offset += part.length;
    }
    const [failed] = loader.problems();
    if (failed)
      throw new AppError({
        code: 'bad_dataset',
        what: `${failed.path} could not be read.`,
        why: failed.reason,
        next: 'Import the dataset again.',
      });
    return { images, count: samples.count };
  } finally {
    await loader.close();
  }
}

/** Returns the run's own outputs for the images, logits or features: the checkpoint's values in the inference graph. */
async function ownOutputs(
  home: string,
  { config, model: trained, values }: RunWeights,
  preprocessing: Preprocessing,
  { images, count }: ParityImages,
  signal: AbortSignal,
): Promise<Float32Array> {
  const model = withoutDecoder(trained);
  const inference = openInference({
    ...{ home, model, values: valuesOf(model, values), preprocessing, batch: BATCH },
    threads: config.engine.intra_op_threads,
  });
  const width = model.options.num_classes || model.numFeatures;
  const pixels = config.size ** 2 * 3;
  const outputs = new Float32Array(count * width);
  for (let from = 0; from < count; from += BATCH) {
    // An interruption can arrive here, between two batches.
    await yieldToEvents();
    signal.throwIfAborted();
    const rows = Math.min(BATCH, count - from);
    outputs.set(inference.logits(images.subarray(from * pixels, (from + rows) * pixels), rows), from * width);
  }
  inference.executor.dispose();
  return outputs;
}

/** Refuses a part that the export can't have. @throws AppError usage */
function refusePart(format: ExportFormat, part: ExportPart, { config, model }: RunWeights): void {
  if (part === 'encoder') return;
  const other = hasDecoder(model) ? `The format ${format.id} has no decoder.` : `Its task is ${config.task}.`;
  if (hasDecoder(model) && format.parts.includes(part)) return;
  throw new AppError({
    code: 'usage',
    what: 'This export has no other parts than the encoder.',
    why: `Encoder and decoder together are exported of a masked autoencoder, as safetensors. ${other}`,
    next: hasDecoder(model) ? 'Choose the format safetensors, or the part encoder.' : 'Export it without --part.',
    action: { id: 'export_encoder' },
  });
}

/** Refuses names that the export can't have. @throws AppError usage */
function refuseNames(format: ExportFormat, names: ExportNames, part: ExportPart, { entry }: RunWeights): void {
  if (names === 'timm') return;
  const known = officialNamesOf(entry.family) !== null;
  if (known && format.id === 'safetensors' && part === 'encoder') return;
  throw new AppError({
    code: 'usage',
    what: `${entry.id} is not exported by other names than timm's${known ? ` as ${format.id}` : ''}.`,
    why: known
      ? 'Only a safetensors file is loaded by the code of its authors.'
      : "Its authors' code has no names of its own, or this program does not know them.",
    next: known ? 'Choose the format safetensors.' : 'Export it without --names.',
    ...(known ? {} : { action: { id: 'timm_names' } }),
  });
}

/** Returns what an evaluation after `step` finished steps has measured of these weights. */
function resultsAt(
  store: Store,
  runId: string,
  step: number,
  weights: 'ema' | 'raw',
): { name: string; value: number }[] {
  const wanted = seriesNames(store, runId).filter((name) => {
    const { split, variant, metric } = seriesOfName(name);
    return split === 'val' && variant === (weights === 'ema' ? 'ema' : null) && metric.unit !== 'count';
  });
  return wanted.flatMap((name) => {
    const point = pointsOf(store, runId, name, step - 1).find((found) => found.step === step);
    return point === undefined || point.value === null ? [] : [{ name, value: point.value }];
  });
}

/**
 * Exports a run.
 * @throws AppError io (destination), checkpoint_invalid, dataset_missing, parity_failed; then nothing is left at the
 * destination
 */
export async function exportRun(
  store: Store,
  {
    home,
    run,
    format: formatId,
    out,
    within = null,
    force,
    part,
    names,
    checkpoint,
    weights,
    signal,
    log,
  }: ExportOptions,
): Promise<Exported> {
  const format = exportFormat(formatId);
  if (within !== null) checkDestination(out, true, within);
  clearAbandoned(out);
  const destination = checkDestination(out, force, within);
  const found = await loadRunWeights(home, store, run, { checkpoint, weights });
  if (found.instead) {
    const message = `${found.instead.message} ${found.instead.why}`;
    log(message);
    addEvent(store, run.id, { step: found.step, kind: 'best_lost', message });
  }
  refusePart(format, part, found);
  refuseNames(format, names, part, found);
  const { config, entry, dataset, step } = found;
  const whole = withoutProbe(entry, found);
  const model = part === 'all' ? whole.model : withoutDecoder(whole.model);
  // This precedes loading TensorFlow; the process that checks the files gets the same device.
  await borrowDeviceToRead(store, config.engine.device);
  const preprocessing = preprocessingOf(config);
  const classes = model.options.num_classes ? dataset.classes : [];
  const input: ExportInput = {
    ...{ entry, model, part, names, values: valuesOf(model, whole.values), classes, preprocessing },
    mae: config.task === 'mae' ? maeSettings(config) : null,
  };
  const created = new Date().toISOString();
  const { result: parity, kept } = await writeAside(destination, force, async (folder) => {
    format.write(folder, input);
    const options = { ...model.options };
    const manifest: ExportManifest = {
      export_version: 1,
      format: format.id,
      model: model.id,
      options,
      ...(hasDecoder(found.model) ? { part } : {}),
      ...(names === 'timm' ? {} : { names }),
      preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
      label_names: [...classes],
      run: { id: run.id, name: run.name, step, weights: found.weights },
      created,
    };
    writeManifest(folder, manifest);
    const checked = await parityImages(store, found);
    log(`Checking the written files on ${checked.count} images of the dataset in a fresh process.`);
    const expected = await ownOutputs(home, found, preprocessing, checked, signal);
    const request = { folder, cacheFolder: graphCacheFolder(home), batch: BATCH, ...checked };
    const actual = await runCheck({
      entryFile: entryPath('export-check'),
      request,
      threads: config.engine.intra_op_threads,
      signal,
    });
    const result = parityOf(expected, actual, checked.count);
    const card = modelCard({
      input,
      folder: basename(destination),
      format,
      run,
      step,
      weights: found.weights,
      dataset: { name: dataset.name, format: dataset.format, counts: dataset.record.counts },
      results: resultsAt(store, run.id, step, found.weights),
      parity: result,
      created,
      version: packageJson.version,
    });
    writeExportFile(join(folder, 'README.md'), card);
    writeManifest(folder, { ...manifest, files: describeFiles(folder) });
    signal.throwIfAborted();
    return result;
  });
  recordExport(store, run.id, { path: destination, format: format.id, parity });
  return { path: destination, format: format.id, parity, ...(kept.length ? { kept } : {}) };
}
